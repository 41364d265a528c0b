"""One word on one photo, from somebody who looks at it now: its label, that it is of no use, or that neither was meant.

Words are rows of ``labels`` as those of an import are, under an import of their own for each sitting. A word that was
taken back stays as history and counts no longer.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Connection, delete, func, select, update

from db.counting_labels import COUNTS, IS_REJECTED, NEWEST_LABEL, REJECTS
from db.errors import PhotoForgotten, PhotoMissing, PhotoRejected
from db.importing.settle import Settled, Word
from db.labels import Import, annotator_key, digest_of, known_photos
from db.secret import Secret
from db.store import Store, upsert_into
from db.tables import EXPORT_ITEMS, IMPORTS, LABELS, PHOTOS, VOTES
from db.times import utc_now
from db.tombstones import Tombstones

SOURCE: Final = "admin-page"
"""Where such labels come from, beside the formats of ``db.importing``."""


class Rejection(StrEnum):
    """Why a photo is of no use."""

    NOT_WASTE = "not_waste"
    UNREADABLE = "unreadable"
    PERSONAL = "personal"


@dataclass(frozen=True, slots=True)
class ReviewCounts:
    """How far the reviewing is.

    Attributes:
        kept: photos in the vault.
        labelled: those that people gave a label, and that are of use.
        rejected: those of no use.
        by_label: the labelled ones by label; labels without any are left out.

    """

    kept: int
    labelled: int
    rejected: int
    by_label: Mapping[str, int]

    @property
    def left(self) -> int:
        """Photos that nobody said anything of."""
        return self.kept - self.labelled - self.rejected


def new_sitting() -> str:
    """The id of the import that a sitting's words belong to: 64 random hexadecimal digits."""
    return secrets.token_hex(32)


class Reviews:
    """Words on photos, one at a time."""

    def __init__(self, store: Store, secret: Secret) -> None:
        self._store = store
        self._secret = secret
        self._tombstones = Tombstones(store, secret)

    async def say(
        self,
        photo_id: str,
        said: str | Rejection,
        sitting: Import,
        *,
        is_random: bool = False,
        at: datetime | None = None,
    ) -> int:
        """Keep a word; the id by which it can be taken back.

        A label makes the photo a reviewed one, which is kept, and takes back that the same person found it of no use.
        One of no use is kept no longer than if nobody had seen it.

        Args:
            photo_id: of the photo.
            said: its label, or why it is of no use.
            sitting: the import that was begun for it; its actor is who says so.
            is_random: whether the photo came up by chance, not for its usefulness.
            at: aware; None for now.

        Raises:
            PhotoForgotten: it was deleted at its resident's wish.
            PhotoRejected: somebody else found it of no use.
            PhotoMissing: it is not kept, or no longer.

        """
        moment = at or utc_now()

        def keep(connection: Connection) -> int | None:
            photo = connection.execute(known_photos([photo_id], is_locking=True)).one_or_none()
            if photo is None:
                return None
            word = Word(sitting.actor, f"rejected:{said}" if isinstance(said, Rejection) else said, moment)
            is_label = not isinstance(said, Rejection)
            if is_label and photo.is_rejected:
                _take_back_rejections(connection, photo_id, sitting.actor, moment)
            row: dict[str, Any] = {
                "at": moment,
                "photo_id": photo_id,
                "label": str(said) if is_label else None,
                "import_id": sitting.id,
                "source": sitting.source,
                "votes": 1,
                "agreeing": 1,
                "digest": digest_of(Settled(photo_id, (word,), word.label), sitting.id, self._secret),
                "model": photo.model,
                "predicted": photo.predicted,
                "is_random": is_random or _was_drawn(connection, photo_id),
                "rejected": None if is_label else str(said),
            }
            number = connection.execute(LABELS.insert().values(row).returning(LABELS.c.id)).scalar_one()
            if is_label:
                self._vote(connection, photo_id, sitting, str(said), moment)
            _date_review(connection, photo_id)
            return int(number)

        number = await self._store.write(keep)
        if number is not None:
            return number
        if await self._tombstones.among("photo", [photo_id]):
            raise PhotoForgotten("the photo was deleted at its resident's wish")
        raise PhotoMissing("no photo of this id is kept")

    async def take_back(self, word: int, sitting: Import) -> str | None:
        """Let a word of this sitting count no longer; the photo's id, None where there is no such word."""
        now = utc_now()

        def take_back(connection: Connection) -> str | None:
            own = (LABELS.c.id == word, LABELS.c.import_id == sitting.id, LABELS.c.withdrawn_at.is_(None))
            photo_id = connection.scalar(select(LABELS.c.photo_id).where(*own))
            # Held before it is looked at, as in ``say``: between the two nobody else has a word on it.
            if photo_id is None or connection.execute(known_photos([photo_id], is_locking=True)).first() is None:
                return None
            if not connection.execute(update(LABELS).where(*own).values(withdrawn_at=now)).rowcount:
                return None
            before = connection.execute(
                select(LABELS.c.label, LABELS.c.at)
                .where(LABELS.c.photo_id == photo_id, LABELS.c.import_id == sitting.id, *COUNTS)
                .order_by(LABELS.c.id.desc())
                .limit(1)
            ).one_or_none()
            if before is None:
                connection.execute(delete(VOTES).where(VOTES.c.photo_id == photo_id, VOTES.c.import_id == sitting.id))
            else:
                self._vote(connection, photo_id, sitting, before.label, before.at)
            _date_review(connection, photo_id)
            return str(photo_id)

        return await self._store.write(take_back)

    async def counts(self) -> ReviewCounts:
        """How far the reviewing is."""

        def count(connection: Connection) -> ReviewCounts:
            each = (
                select(LABELS.c.label, IS_REJECTED.label("is_rejected"))
                .select_from(PHOTOS)
                .outerjoin(LABELS, LABELS.c.id == NEWEST_LABEL)
                .where(PHOTOS.c.size.is_not(None))
                .subquery()
            )
            kept = rejected = 0
            by_label: dict[str, int] = {}
            rows = select(each.c.label, each.c.is_rejected, func.count()).group_by(each.c.label, each.c.is_rejected)
            for label, is_rejected, photos in connection.execute(rows):
                kept += photos
                if is_rejected:
                    rejected += photos
                elif label is not None:
                    by_label[str(label)] = photos
            return ReviewCounts(kept, sum(by_label.values()), rejected, dict(sorted(by_label.items())))

        return await self._store.read(count)

    def _vote(self, connection: Connection, photo_id: str, sitting: Import, label: str, at: datetime) -> None:
        """Of one person in one sitting the newest word is their vote, as it is in one file."""
        vote = {
            "at": at,
            "photo_id": photo_id,
            "import_id": sitting.id,
            "annotator": annotator_key(self._secret, sitting.actor),
            "label": label,
        }
        unique = [VOTES.c.photo_id, VOTES.c.import_id, VOTES.c.annotator]
        adding = upsert_into(VOTES, connection).values(vote)
        connection.execute(adding.on_conflict_do_update(index_elements=unique, set_={"at": at, "label": label}))


def _was_drawn(connection: Connection, photo_id: str) -> bool:
    """Whether an export drew it at random."""
    drawn = select(EXPORT_ITEMS.c.photo_id).where(EXPORT_ITEMS.c.photo_id == photo_id, EXPORT_ITEMS.c.is_random)
    return connection.execute(drawn.limit(1)).first() is not None


def _take_back_rejections(connection: Connection, photo_id: str, actor: str, moment: datetime) -> None:
    """Let this person's rejections of the photo count no longer.

    Raises:
        PhotoRejected: somebody else's stands.

    """
    standing = (LABELS.c.photo_id == photo_id, *REJECTS)
    own = LABELS.c.import_id.in_(select(IMPORTS.c.id).where(IMPORTS.c.actor == actor))
    if connection.execute(select(LABELS.c.id).where(*standing, ~own).limit(1)).first() is not None:
        raise PhotoRejected("somebody else found this photo of no use")
    connection.execute(update(LABELS).where(*standing, own).values(withdrawn_at=moment))


def _date_review(connection: Connection, photo_id: str) -> None:
    """A photo counts as reviewed since its first label that counts; one of no use does not."""
    of_photo = LABELS.c.photo_id == photo_id
    is_rejected = connection.execute(select(LABELS.c.id).where(of_photo, *REJECTS).limit(1)).first() is not None
    first = None if is_rejected else connection.scalar(select(func.min(LABELS.c.at)).where(of_photo, *COUNTS))
    connection.execute(update(PHOTOS).where(PHOTOS.c.id == photo_id).values(reviewed_at=first))
