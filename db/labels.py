"""What people say a photo shows. Rows are only added: of one photo the newest label counts, the others are history."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, literal, select, update

from db.audit import Deed, note_deed
from db.counting_labels import IS_REJECTED
from db.importing.settle import Settled, Word
from db.precision import ClassPrecision, precision_in
from db.secret import Secret
from db.store import Store, insert_new
from db.tables import EXPORT_ITEMS, IMPORTS, LABELS, PHOTOS, QUERIES, VOTES
from db.times import UtcDateTime, utc_now
from db.tombstones import Tombstones


class OutcomeKind(StrEnum):
    """What became of the words on a photo."""

    ACCEPTED = "accepted"
    UNCHANGED = "unchanged"
    TIED = "tied"
    OF_NO_USE = "of_no_use"
    UNKNOWN = "unknown"
    FORGOTTEN = "forgotten"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the words on a photo, and what a model had said of it, where that is still known.

    Attributes:
        settled: the words.
        kind: what became of them.
        model: name and version of the network.
        predicted: its label.
        is_random: whether an export drew the photo at random.

    """

    settled: Settled
    kind: OutcomeKind
    model: str | None = None
    predicted: str | None = None
    is_random: bool = False


@dataclass(frozen=True, slots=True)
class Label:
    """A label as it was kept; None where the annotators were divided. ``votes`` of them said something.

    ``rejected`` is why somebody found the photo of no use (``db.reviews.Rejection``); then there is no label. From
    ``withdrawn_at`` on the word counts no longer.
    """

    at: datetime
    label: str | None
    source: str
    import_id: str
    votes: int
    agreeing: int
    rejected: str | None = None
    withdrawn_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Import:
    """An import as it was noted. ``finished_at`` and ``counts`` are None until it is whole."""

    id: str
    at: datetime
    actor: str
    reason: str
    source: str
    finished_at: datetime | None
    counts: Mapping[str, Any] | None


class Labels:
    """All labels, and the imports that they came with."""

    def __init__(self, store: Store, secret: Secret) -> None:
        self._store = store
        self._secret = secret
        self._tombstones = Tombstones(store, secret)

    async def begin(self, import_id: str, source: str, deed: Deed) -> Import:
        """Note that an import begins, or comes again, with its audit row; as it was noted the first time."""
        row = {"id": import_id, "at": utc_now(), "actor": deed.actor, "reason": deed.reason, "source": source}

        def begin(connection: Connection) -> Import:
            added = insert_new(IMPORTS, connection).returning(IMPORTS.c.id)
            is_new = connection.execute(added, row).first() is not None
            detail = {**deed.detail, "import": import_id, "source": source, "again": not is_new}
            note_deed(connection, Deed(deed.actor, deed.action, deed.reason, detail))
            return Import(**connection.execute(select(IMPORTS).where(IMPORTS.c.id == import_id)).one()._mapping)

        return await self._store.write(begin, durable=True)

    async def finish(self, import_id: str, counts: Mapping[str, Any]) -> None:
        """Note what it came to, the first time."""
        done = {"finished_at": utc_now(), "counts": dict(counts)}

        def finish(connection: Connection) -> None:
            unfinished = (IMPORTS.c.id == import_id, IMPORTS.c.finished_at.is_(None))
            connection.execute(update(IMPORTS).where(*unfinished).values(done))

        await self._store.write(finish, durable=True)

    async def add(self, import_id: str, items: Sequence[Settled], begun: Import | None) -> list[Outcome]:
        """Keep the words on these photos; what became of each, in order.

        Args:
            import_id: by which a file without times is known again.
            items: at most some hundreds.
            begun: the import; None to look only, and write nothing.

        """

        def look_or_keep(connection: Connection) -> list[Outcome]:
            outcomes = _outcomes(connection, self._secret, import_id, items, is_locking=begun is not None)
            if begun is not None:
                _keep(connection, self._secret, begun, outcomes)
            return outcomes

        if begun is None:
            outcomes = await self._store.read(look_or_keep)
        else:
            outcomes = await self._store.write(look_or_keep)
        unknown = [each.settled.item_id for each in outcomes if each.kind is OutcomeKind.UNKNOWN]
        forgotten = await self._tombstones.among("photo", unknown) if unknown else frozenset()
        return [
            Outcome(each.settled, OutcomeKind.FORGOTTEN) if each.settled.item_id in forgotten else each
            for each in outcomes
        ]

    async def of(self, photo_id: str) -> list[Label]:
        """Every label that a photo was given, oldest first."""

        def read(connection: Connection) -> list[Label]:
            rows = connection.execute(select(LABELS).where(LABELS.c.photo_id == photo_id).order_by(LABELS.c.id))
            return [Label(**{each.name: row._mapping[each.name] for each in fields(Label)}) for row in rows]

        return await self._store.read(read)

    async def get_import(self, import_id: str) -> Import | None:
        """The import of this id."""

        def get(connection: Connection) -> Import | None:
            row = connection.execute(select(IMPORTS).where(IMPORTS.c.id == import_id)).one_or_none()
            return None if row is None else Import(**row._mapping)

        return await self._store.read(get)

    async def precision(self) -> tuple[ClassPrecision, ...]:
        """How often each model was right on the photos that people labelled, class by class."""
        return await self._store.read(precision_in)


def _outcomes(
    connection: Connection, secret: Secret, import_id: str, items: Sequence[Settled], *, is_locking: bool
) -> list[Outcome]:
    ids = [each.item_id for each in items]
    rows = {row.id: row for row in connection.execute(known_photos(ids, is_locking=is_locking))}
    drawn = set(
        connection.scalars(
            select(EXPORT_ITEMS.c.photo_id).where(EXPORT_ITEMS.c.photo_id.in_(ids), EXPORT_ITEMS.c.is_random)
        )
    )
    said_before = {
        (row.photo_id, row.digest): row.import_id
        for row in connection.execute(
            select(LABELS.c.photo_id, LABELS.c.digest, LABELS.c.import_id).where(LABELS.c.photo_id.in_(ids))
        )
    }

    def outcome(settled: Settled) -> Outcome:
        row: Row[Any] | None = rows.get(settled.item_id)
        if row is None:
            return Outcome(settled, OutcomeKind.UNKNOWN)
        by = said_before.get((settled.item_id, digest_of(settled, import_id, secret)), import_id)
        kind = OutcomeKind.TIED if settled.label is None else OutcomeKind.ACCEPTED
        if row.is_rejected:
            kind = OutcomeKind.OF_NO_USE
        return Outcome(
            settled,
            kind if by == import_id else OutcomeKind.UNCHANGED,
            row.model,
            row.predicted,
            settled.item_id in drawn,
        )

    return [outcome(each) for each in items]


def known_photos(ids: Sequence[str], *, is_locking: bool) -> Any:
    """A statement: those of these photos that are kept, with ``model`` and ``predicted`` of their query."""
    known = (
        select(PHOTOS.c.id, QUERIES.c.model, QUERIES.c.label.label("predicted"), IS_REJECTED.label("is_rejected"))
        .select_from(PHOTOS)
        .outerjoin(QUERIES, QUERIES.c.id == PHOTOS.c.query_id)
        .where(PHOTOS.c.id.in_(ids), PHOTOS.c.size.is_not(None))
    )
    # Nobody can be forgotten between this and the labels that hang on their photos. The rows are changed afterwards,
    # so they are taken for that at once, and by everybody in the same order: two who shared them first would wait for
    # each other.
    return known.order_by(PHOTOS.c.id).with_for_update(key_share=True, of=PHOTOS) if is_locking else known


def _keep(connection: Connection, secret: Secret, begun: Import, outcomes: Sequence[Outcome]) -> None:
    """Write what is new; what this import wrote before it was interrupted stays as it is."""
    kept = {OutcomeKind.ACCEPTED, OutcomeKind.TIED, OutcomeKind.OF_NO_USE}
    new = [each for each in outcomes if each.kind in kept]
    if not new:
        return
    connection.execute(insert_new(LABELS, connection), [_label_row(each, begun, secret) for each in new])
    connection.execute(
        insert_new(VOTES, connection),
        [_vote_row(each.settled.item_id, word, begun, secret) for each in new for word in each.settled.words],
    )
    # What somebody found of no use is kept no longer for a label.
    reviewed = [{"of": each.settled.item_id} for each in new if each.kind is OutcomeKind.ACCEPTED]
    if reviewed:
        # The first review counts: from then on the photo is kept until its resident takes their consent back.
        first = func.coalesce(PHOTOS.c.reviewed_at, literal(begun.at, UtcDateTime))
        connection.execute(update(PHOTOS).where(PHOTOS.c.id == bindparam("of")).values(reviewed_at=first), reviewed)


def _label_row(outcome: Outcome, begun: Import, secret: Secret) -> dict[str, object]:
    settled = outcome.settled
    return {
        "at": begun.at,
        "photo_id": settled.item_id,
        "label": settled.label,
        "import_id": begun.id,
        "source": begun.source,
        "votes": len(settled.words),
        "agreeing": settled.agreeing,
        "digest": digest_of(settled, begun.id, secret),
        "model": outcome.model,
        "predicted": outcome.predicted,
        "is_random": outcome.is_random,
    }


def _vote_row(photo_id: str, word: Word, begun: Import, secret: Secret) -> dict[str, object]:
    return {
        "at": word.at or begun.at,
        "photo_id": photo_id,
        "import_id": begun.id,
        "annotator": annotator_key(secret, word.annotator),
        "label": word.label,
    }


def annotator_key(secret: Secret, annotator: str) -> str:
    """An annotator's pseudonym, 43 characters; "" for one whose name is not known."""
    return secret.user_key("annotator", annotator)


def digest_of(settled: Settled, import_id: str, secret: Secret) -> str:
    """By which the same words on a photo are known again, 64 hexadecimal digits.

    Words with a time are the same in whatever file they come. Without one, they are the same only in the same file:
    somebody may say what they said once before, after something else.
    """
    words = [
        (annotator_key(secret, word.annotator), word.label, word.at.isoformat() if word.at else import_id)
        for word in settled.words
    ]
    return hashlib.sha256(json.dumps(words).encode()).hexdigest()
