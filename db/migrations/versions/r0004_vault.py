"""Photos by their pixels, with their key, their size and the terms under which each was given."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns. What was kept before keeps its file's name, and has no key: it hangs on the secret."""
    op.add_column("photos", sa.Column("blob", sa.String(64), nullable=True))
    op.add_column("photos", sa.Column("key_id", sa.String(64), nullable=True))
    op.add_column("photos", sa.Column("consent_version", sa.String(16), nullable=True))
    op.add_column("photos", sa.Column("permission", sa.String(512), nullable=True))
    op.add_column("photos", sa.Column("width", sa.Integer(), nullable=True))
    op.add_column("photos", sa.Column("height", sa.Integer(), nullable=True))
    # "telegram-1" was the platform and the version of the consent's text.
    op.execute("UPDATE photos SET blob = id, consent_version = substr(replace(licence, platform || '-', ''), 1, 16)")
    op.execute(
        "UPDATE photos SET licence = CASE platform WHEN 'discord' THEN 'discord-permitted' "
        "ELSE platform || '-opted-in' END"
    )
    with op.batch_alter_table("photos") as photos:
        photos.alter_column("blob", existing_type=sa.String(64), nullable=False)
        photos.alter_column("consent_version", existing_type=sa.String(16), nullable=False)
    op.create_index("ix_photos_blob", "photos", ["blob"], unique=True)


def downgrade() -> None:
    """Take them away. Photos that were kept meanwhile cannot be found again."""
    op.drop_index("ix_photos_blob", "photos")
    op.execute("DELETE FROM photos WHERE key_id IS NOT NULL")
    op.execute("UPDATE photos SET licence = platform || '-' || consent_version")
    with op.batch_alter_table("photos") as photos:
        for name in ("height", "width", "permission", "consent_version", "key_id", "blob"):
            photos.drop_column(name)
