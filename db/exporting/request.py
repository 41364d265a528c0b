"""What is asked of an export. Frozen at its start: whoever goes on with it goes on with the same."""

import hashlib
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any, Final, Self

MOST_ITEMS: Final = 20_000
"""Ids of a request: SQLite and PostgreSQL both take as many in a statement."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportRequest:
    """Which photos, how many, in which form. Empty tuples and None leave a filter open.

    Attributes:
        since: only photos kept at this aware time or later.
        until: only photos kept before this aware time.
        labels: only photos of these labels: the one they were given, else the resident's, else the model's.
        platforms: only photos that came from these.
        languages: only photos whose answer was in one of these.
        most_margin: only photos whose likeliest label was ahead of the second by no more than this, 0 to 1.
        disagreement: only photos whose resident said something else than the model.
        unlabelled: only photos that nobody has labelled yet.
        items: only photos of these ids, at most ``MOST_ITEMS``.
        limit: photos at most, 1 or more; None for all.
        random_share: the share that is drawn at random, 0 to 1; the rest comes by usefulness.
        diverse: leave out those chosen for their usefulness that look nearly like one before them.
        seed: of the random share. Keep it: with another, photos are drawn among what usefulness left over.
        with_discord: whether photos from Discord may leave: only with Discord's own permission.
        format: the name of a ``Format``.
        image_root: what stands before a photo's path in Label Studio's tasks; "" for the export folder's name.

    """

    since: datetime | None = None
    until: datetime | None = None
    labels: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    most_margin: float | None = None
    disagreement: bool = False
    unlabelled: bool = False
    items: tuple[str, ...] = ()
    limit: int | None = None
    random_share: float = 0.15
    diverse: bool = False
    seed: int = 0
    with_discord: bool = False
    format: str = "label-studio"
    image_root: str = ""

    @property
    def is_fair(self) -> bool:
        """Whether a photo drawn at random from these is one of an ordinary day.

        It is where nothing asks for what a model finds hard, for what somebody said, or for photos by name.
        """
        return not (self.labels or self.disagreement or self.items) and self.most_margin is None

    def plain(self) -> dict[str, Any]:
        """As ``json.dumps`` takes it; times in ISO 8601."""
        return {
            name: value.isoformat()
            if isinstance(value, datetime)
            else list(value)
            if isinstance(value, tuple)
            else value
            for name, value in asdict(self).items()
        }

    def told(self) -> dict[str, Any]:
        """The same without the ids: how many they are, and the SHA-256 of them, a line each, in their order.

        For what is kept or leaves: an id of somebody who is forgotten must not outlast them there.
        """
        listed = "".join(f"{each}\n" for each in self.items)
        digest = hashlib.sha256(listed.encode()).hexdigest()
        return {**self.plain(), "items": {"count": len(self.items), "sha256": digest} if self.items else None}

    @classmethod
    def from_plain(cls, found: dict[str, Any]) -> Self:
        """What ``plain`` made.

        Raises:
            TypeError, ValueError: it is something else.

        """
        if set(found) != {each.name for each in fields(cls)}:
            raise ValueError("not the fields of a request")
        values: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in found.items()
        }
        for name in ("since", "until"):
            if values[name] is not None:
                values[name] = datetime.fromisoformat(values[name])
        return cls(**values)
