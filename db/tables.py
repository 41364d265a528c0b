"""The tables. ``db/migrations`` makes them; a test compares the two."""

from typing import Final

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    UniqueConstraint,
    text,
)

from db.times import UtcDateTime

METADATA: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_BIG: Final = BigInteger().with_variant(Integer(), "sqlite")
"""SQLite numbers rows by itself only in a column that is declared INTEGER."""

INBOX: Final = Table(
    "inbox",
    METADATA,
    Column("id", _BIG, primary_key=True),
    Column("platform", String(16), nullable=False),
    Column("update_id", String(64), nullable=False),
    Column("user_key", String(64), nullable=False),
    Column("payload", LargeBinary),
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    Column("finished_at", UtcDateTime),
    Column("code", String(32)),
    UniqueConstraint("platform", "update_id"),
    Index(
        "ix_inbox_unfinished",
        "platform",
        "id",
        sqlite_where=text("state = 'received'"),
        postgresql_where=text("state = 'received'"),
    ),
    Index("ix_inbox_finished_at", "finished_at"),
    Index(
        "ix_inbox_user_key", "user_key", sqlite_where=text("user_key <> ''"), postgresql_where=text("user_key <> ''")
    ),
    sqlite_autoincrement=True,  # the number of a purged row is never given out again
)

QUERIES: Final = Table(
    "queries",
    METADATA,
    Column("id", String(8), primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("platform", String(16), nullable=False),
    Column("user_key", String(64), nullable=False, index=True),
    Column("language", String(8), nullable=False),
    Column("region", String(64), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("model", String(128)),
    Column("label", String(32)),
    Column("confidence", Float),
    Column("probabilities", JSON, nullable=False),
    Column("margin", Float),
    Column("waste_score", Float),
    Column("decision", String(32)),
    Column("hazards", JSON, nullable=False),
    Column("notices", JSON, nullable=False),
    Column("thing", String(128)),
    Column("problem", String(64)),
    Column("latency_ms", JSON, nullable=False),
    Column("total_ms", Float),
    Index("ix_queries_figures", "at", "platform", "kind", "label", "decision", "total_ms"),  # all that `stats` reads
)

FEEDBACK: Final = Table(
    "feedback",
    METADATA,
    Column("id", _BIG, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("query_id", String(8), ForeignKey("queries.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("user_key", String(64), nullable=False, index=True),
    Column("verdict", String(16), nullable=False),
    Column("label", String(32)),
    sqlite_autoincrement=True,
)

RESIDENTS: Final = Table(
    "residents",
    METADATA,
    Column("user_key", String(64), primary_key=True),
    Column("language", String(8)),
    Column("region", String(64)),
    Column("changed_at", UtcDateTime, nullable=False),
)

CONSENTS: Final = Table(
    "consents",
    METADATA,
    Column("id", _BIG, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("user_key", String(64), nullable=False, index=True),
    Column("platform", String(16), nullable=False),
    Column("version", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    Index(
        "ux_consents_asked",
        "user_key",
        unique=True,
        sqlite_where=text("state = 'asked'"),
        postgresql_where=text("state = 'asked'"),
    ),
    sqlite_autoincrement=True,
)

REPORTS: Final = Table(
    "reports",
    METADATA,
    Column("id", String(8), primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("user_key", String(64), nullable=False, index=True),
    Column("platform", String(16), nullable=False),
    Column("query_id", String(8)),
    Column("sealed", LargeBinary, nullable=False),
)

TOMBSTONES: Final = Table(
    "tombstones",
    METADATA,
    Column("item_key", String(64), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

NOTES: Final = Table(
    "notes",
    METADATA,
    Column("key", String(64), primary_key=True),
    Column("value", String(1024), nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

PHOTOS: Final = Table(
    "photos",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("at", UtcDateTime, nullable=False, index=True),
    Column("query_id", String(8), nullable=False),
    Column("user_key", String(64), nullable=False, index=True),
    Column("platform", String(16), nullable=False),
    Column("licence", String(64), nullable=False),
    Column("size", Integer),
    Column("reviewed_at", UtcDateTime),
    Column("blob", String(64), nullable=False),
    Column("key_id", String(64)),
    Column("consent_version", String(16), nullable=False),
    Column("permission", String(512)),
    Column("width", Integer),
    Column("height", Integer),
    Index("ix_photos_blob", "blob", unique=True),
)

GENERATED: Final = Table(
    "generated",
    METADATA,
    Column("id", _BIG, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("label", String(32), nullable=False),
    Column("seed", BigInteger, nullable=False),
    Column("fingerprint", String(512), nullable=False),
    sqlite_autoincrement=True,
)

AUDIT: Final = Table(
    "audit",
    METADATA,
    Column("id", _BIG, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("actor", String(64), nullable=False),
    Column("action", String(32), nullable=False),
    Column("reason", String(500), nullable=False),
    Column("detail", JSON, nullable=False),
    sqlite_autoincrement=True,
)
"""Triggers, which ``db/migrations`` makes, refuse to change or delete a row."""

EXPORTS: Final = Table(
    "exports",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("actor", String(64), nullable=False),
    Column("reason", String(500), nullable=False),
    Column("request", JSON, nullable=False),
    Column("finished_at", UtcDateTime),
    Column("counts", JSON(none_as_null=True)),
    Column("manifest_sha256", String(64)),
)

EXPORT_ITEMS: Final = Table(
    "export_items",
    METADATA,
    Column("photo_id", String(64), ForeignKey("photos.id", ondelete="CASCADE"), primary_key=True),
    Column("export_id", String(32), ForeignKey("exports.id"), primary_key=True),
    Column("is_random", Boolean, nullable=False),
)

IMPORTS: Final = Table(
    "imports",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("actor", String(64), nullable=False),
    Column("reason", String(500), nullable=False),
    Column("source", String(32), nullable=False),
    Column("finished_at", UtcDateTime),
    Column("counts", JSON(none_as_null=True)),
)

LABELS: Final = Table(
    "labels",
    METADATA,
    Column("id", _BIG, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("photo_id", String(64), ForeignKey("photos.id", ondelete="CASCADE"), nullable=False),
    Column("label", String(32)),
    Column("import_id", String(64), ForeignKey("imports.id"), nullable=False),
    Column("source", String(32), nullable=False),
    Column("votes", Integer, nullable=False),
    Column("agreeing", Integer, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("model", String(128)),
    Column("predicted", String(32)),
    Column("is_random", Boolean, nullable=False),
    Column("rejected", String(16)),
    Column("withdrawn_at", UtcDateTime),
    UniqueConstraint("photo_id", "digest"),
    sqlite_autoincrement=True,
)

VOTES: Final = Table(
    "votes",
    METADATA,
    Column("id", _BIG, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("photo_id", String(64), ForeignKey("photos.id", ondelete="CASCADE"), nullable=False),
    Column("import_id", String(64), ForeignKey("imports.id"), nullable=False),
    Column("annotator", String(64), nullable=False),
    Column("label", String(32), nullable=False),
    UniqueConstraint("photo_id", "import_id", "annotator"),
    sqlite_autoincrement=True,
)
