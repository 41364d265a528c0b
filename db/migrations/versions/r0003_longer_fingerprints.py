"""Fingerprints with colours; those without are of no use any more."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table anew."""
    op.drop_table("generated")
    _create(512)


def downgrade() -> None:
    """Make it as it was."""
    op.drop_table("generated")
    _create(64)


def _create(length: int) -> None:
    op.create_table(
        "generated",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("label", sa.String(32), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("fingerprint", sa.String(length), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_generated"),
        sqlite_autoincrement=True,
    )
