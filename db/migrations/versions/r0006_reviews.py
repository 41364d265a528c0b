"""Photos that a person found unusable, and words that were taken back."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Give labels two columns more; what is there counts as it did."""
    op.add_column("labels", sa.Column("rejected", sa.String(16), nullable=True))
    op.add_column("labels", sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Drop them, with the words that count no longer: without the columns they would count again."""
    # What was rejected and labelled is a labelled photo again, which the purge is not to take.
    op.execute(
        "UPDATE photos SET reviewed_at = (SELECT min(labels.at) FROM labels WHERE labels.photo_id = photos.id"
        " AND labels.label IS NOT NULL AND labels.withdrawn_at IS NULL) WHERE reviewed_at IS NULL"
    )
    op.execute("DELETE FROM labels WHERE withdrawn_at IS NOT NULL OR rejected IS NOT NULL")
    op.drop_column("labels", "withdrawn_at")
    op.drop_column("labels", "rejected")
