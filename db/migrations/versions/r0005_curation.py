"""Exports, imports, the labels that came back, and who did what; how far the likeliest label was ahead."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_AT_ONCE = 1_000


def upgrade() -> None:
    """Make the tables, and give logged queries their margin."""
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    moment = sa.DateTime(timezone=True)

    op.create_table(
        "audit",
        sa.Column("id", number, nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("actor", sa.String(64), nullable=False),
        sa.Column("action", sa.String(32), nullable=False),
        sa.Column("reason", sa.String(500), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
        sqlite_autoincrement=True,
    )
    _only_added("audit")

    op.create_table(
        "exports",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("actor", sa.String(64), nullable=False),
        sa.Column("reason", sa.String(500), nullable=False),
        sa.Column("request", sa.JSON(), nullable=False),
        sa.Column("finished_at", moment, nullable=True),
        sa.Column("counts", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("manifest_sha256", sa.String(64), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_exports"),
    )
    op.create_table(
        "export_items",
        sa.Column("photo_id", sa.String(64), nullable=False),
        sa.Column("export_id", sa.String(32), nullable=False),
        sa.Column("is_random", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("photo_id", "export_id", name="pk_export_items"),
        sa.ForeignKeyConstraint(["photo_id"], ["photos.id"], name="fk_export_items_photo_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["export_id"], ["exports.id"], name="fk_export_items_export_id"),
    )

    op.create_table(
        "imports",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("actor", sa.String(64), nullable=False),
        sa.Column("reason", sa.String(500), nullable=False),
        sa.Column("source", sa.String(32), nullable=False),
        sa.Column("finished_at", moment, nullable=True),
        sa.Column("counts", sa.JSON(none_as_null=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_imports"),
    )
    op.create_table(
        "labels",
        sa.Column("id", number, nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("photo_id", sa.String(64), nullable=False),
        sa.Column("label", sa.String(32), nullable=True),
        sa.Column("import_id", sa.String(64), nullable=False),
        sa.Column("source", sa.String(32), nullable=False),
        sa.Column("votes", sa.Integer(), nullable=False),
        sa.Column("agreeing", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("model", sa.String(128), nullable=True),
        sa.Column("predicted", sa.String(32), nullable=True),
        sa.Column("is_random", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_labels"),
        sa.UniqueConstraint("photo_id", "digest", name="uq_labels_photo_id_digest"),
        sa.ForeignKeyConstraint(["photo_id"], ["photos.id"], name="fk_labels_photo_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["import_id"], ["imports.id"], name="fk_labels_import_id"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "votes",
        sa.Column("id", number, nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("photo_id", sa.String(64), nullable=False),
        sa.Column("import_id", sa.String(64), nullable=False),
        sa.Column("annotator", sa.String(64), nullable=False),
        sa.Column("label", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_votes"),
        sa.UniqueConstraint("photo_id", "import_id", "annotator", name="uq_votes_photo_id_import_id_annotator"),
        sa.ForeignKeyConstraint(["photo_id"], ["photos.id"], name="fk_votes_photo_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["import_id"], ["imports.id"], name="fk_votes_import_id"),
        sqlite_autoincrement=True,
    )

    op.add_column("queries", sa.Column("margin", sa.Float(), nullable=True))
    _fill_margins()


def downgrade() -> None:
    """Drop what was made, and all that is in it."""
    op.drop_column("queries", "margin")
    for table in ("votes", "labels", "imports", "export_items", "exports"):
        op.drop_table(table)
    op.drop_table("audit")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION audit_is_only_added()")


def _only_added(table: str) -> None:
    """Rows of this table cannot be changed or deleted, by no statement."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION audit_is_only_added() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'audit rows are only added'; END $$"
        )
        op.execute(
            f"CREATE TRIGGER {table}_only_added BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION audit_is_only_added()"
        )
        return
    for event in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER {table}_no_{event.lower()} BEFORE {event} ON {table} "
            "BEGIN SELECT RAISE(ABORT, 'audit rows are only added'); END"
        )


def _fill_margins() -> None:
    """Of queries that a network answered, in pieces, so that a long log needs little memory."""
    queries = sa.table("queries", sa.column("id"), sa.column("margin"), sa.column("probabilities", sa.JSON()))
    connection = op.get_bind()
    last = ""
    while True:
        page = connection.execute(
            sa.select(queries.c.id, queries.c.probabilities)
            .where(queries.c.id > last)
            .order_by(queries.c.id)
            .limit(_AT_ONCE)
        ).all()
        if not page:
            return
        last = page[-1].id
        known = [{"of": row.id, "is": margin} for row in page if (margin := _margin(row.probabilities)) is not None]
        if known:
            change = sa.update(queries).where(queries.c.id == sa.bindparam("of")).values(margin=sa.bindparam("is"))
            connection.execute(change, known)


def _margin(probabilities: object) -> float | None:
    """As it was when this revision was written; ``db/queries.py`` may have moved on."""
    shares = json.loads(probabilities) if isinstance(probabilities, str) else probabilities
    if not isinstance(shares, dict) or not shares:
        return None
    best, second, *_ = [*sorted(map(float, shares.values()), reverse=True), 0.0]
    return best - second
