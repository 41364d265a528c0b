"""An index from which ``bunri stats`` reads its figures, in place of the one on the time alone."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_COLUMNS = ["at", "platform", "kind", "label", "decision", "total_ms"]


def upgrade() -> None:
    """The new one begins with the time, so that it serves the purge as well."""
    op.create_index("ix_queries_figures", "queries", _COLUMNS)
    op.drop_index("ix_queries_at", "queries")


def downgrade() -> None:
    """The time alone again."""
    op.create_index("ix_queries_at", "queries", ["at"])
    op.drop_index("ix_queries_figures", "queries")
