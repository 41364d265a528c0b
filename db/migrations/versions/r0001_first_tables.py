"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make them."""
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    moment = sa.DateTime(timezone=True)

    op.create_table(
        "inbox",
        sa.Column("id", number, nullable=False),
        sa.Column("platform", sa.String(16), nullable=False),
        sa.Column("update_id", sa.String(64), nullable=False),
        sa.Column("user_key", sa.String(64), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("received_at", moment, nullable=False),
        sa.Column("finished_at", moment, nullable=True),
        sa.Column("code", sa.String(32), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_inbox"),
        sa.UniqueConstraint("platform", "update_id", name="uq_inbox_platform_update_id"),
        sqlite_autoincrement=True,
    )
    unfinished = sa.text("state = 'received'")
    op.create_index(
        "ix_inbox_unfinished", "inbox", ["platform", "id"], sqlite_where=unfinished, postgresql_where=unfinished
    )
    op.create_index("ix_inbox_finished_at", "inbox", ["finished_at"])
    known = sa.text("user_key <> ''")
    op.create_index("ix_inbox_user_key", "inbox", ["user_key"], sqlite_where=known, postgresql_where=known)

    op.create_table(
        "queries",
        sa.Column("id", sa.String(8), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("platform", sa.String(16), nullable=False),
        sa.Column("user_key", sa.String(64), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("region", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("model", sa.String(128), nullable=True),
        sa.Column("label", sa.String(32), nullable=True),
        sa.Column("confidence", sa.Float(), nullable=True),
        sa.Column("probabilities", sa.JSON(), nullable=False),
        sa.Column("waste_score", sa.Float(), nullable=True),
        sa.Column("decision", sa.String(32), nullable=True),
        sa.Column("hazards", sa.JSON(), nullable=False),
        sa.Column("notices", sa.JSON(), nullable=False),
        sa.Column("thing", sa.String(128), nullable=True),
        sa.Column("problem", sa.String(64), nullable=True),
        sa.Column("latency_ms", sa.JSON(), nullable=False),
        sa.Column("total_ms", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_queries"),
    )
    op.create_index("ix_queries_at", "queries", ["at"])
    op.create_index("ix_queries_user_key", "queries", ["user_key"])

    op.create_table(
        "feedback",
        sa.Column("id", number, nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("query_id", sa.String(8), nullable=False),
        sa.Column("user_key", sa.String(64), nullable=False),
        sa.Column("verdict", sa.String(16), nullable=False),
        sa.Column("label", sa.String(32), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_feedback"),
        sa.ForeignKeyConstraint(["query_id"], ["queries.id"], name="fk_feedback_query_id", ondelete="CASCADE"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_feedback_query_id", "feedback", ["query_id"])
    op.create_index("ix_feedback_user_key", "feedback", ["user_key"])

    op.create_table(
        "residents",
        sa.Column("user_key", sa.String(64), nullable=False),
        sa.Column("language", sa.String(8), nullable=True),
        sa.Column("region", sa.String(64), nullable=True),
        sa.Column("changed_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("user_key", name="pk_residents"),
    )

    op.create_table(
        "consents",
        sa.Column("id", number, nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("user_key", sa.String(64), nullable=False),
        sa.Column("platform", sa.String(16), nullable=False),
        sa.Column("version", sa.String(16), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_consents"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_consents_user_key", "consents", ["user_key"])
    asked = sa.text("state = 'asked'")
    op.create_index(
        "ux_consents_asked", "consents", ["user_key"], unique=True, sqlite_where=asked, postgresql_where=asked
    )

    op.create_table(
        "reports",
        sa.Column("id", sa.String(8), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("user_key", sa.String(64), nullable=False),
        sa.Column("platform", sa.String(16), nullable=False),
        sa.Column("query_id", sa.String(8), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_reports"),
    )
    op.create_index("ix_reports_user_key", "reports", ["user_key"])

    op.create_table(
        "tombstones",
        sa.Column("item_key", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.PrimaryKeyConstraint("item_key", name="pk_tombstones"),
    )

    op.create_table(
        "notes",
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("value", sa.String(1024), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_notes"),
    )

    op.create_table(
        "photos",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("query_id", sa.String(8), nullable=False),
        sa.Column("user_key", sa.String(64), nullable=False),
        sa.Column("platform", sa.String(16), nullable=False),
        sa.Column("licence", sa.String(64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=True),
        sa.Column("reviewed_at", moment, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_photos"),
    )
    op.create_index("ix_photos_at", "photos", ["at"])
    op.create_index("ix_photos_user_key", "photos", ["user_key"])


def downgrade() -> None:
    """Drop them, and all that is in them."""
    for table in (
        "photos",
        "notes",
        "tombstones",
        "reports",
        "consents",
        "residents",
        "feedback",
        "queries",
        "inbox",
    ):
        op.drop_table(table)
