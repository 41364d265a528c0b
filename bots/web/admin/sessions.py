"""Who is signed in: in this process's memory alone, so that a restart signs everybody out."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from bots.web import csrf
from bots.web.admin.people import AdminPerson
from db.labels import Import
from db.times import utc_now

_EACH: Final = 5
"""Sessions of one person, on so many devices: with the next one, the one that was quiet the longest ends."""


@dataclass(slots=True, eq=False)
class Session:
    """One person's stay.

    Attributes:
        id: the cookie's value, which nobody can guess.
        person: who it is.
        began: when, in the clock's seconds.
        seen: when they did something last.
        sitting: the import that their words belong to; None before the first word.
        beginning: held while that is begun.
        drawn: ids of the photos that came up for them by chance and not for their usefulness.
        rejected: ids of the photos that they found of no use.
        words: how many photos they labelled, rejected, and took back.
        ended: when it ended, aware; None while it lasts.

    """

    id: str
    person: AdminPerson
    began: float
    seen: float
    sitting: Import | None = None
    beginning: asyncio.Lock = field(default_factory=asyncio.Lock)
    drawn: frozenset[str] = frozenset()
    rejected: set[str] = field(default_factory=set)
    words: Counter[str] = field(default_factory=Counter)
    ended: datetime | None = None


class Sessions:
    """All stays. Each lasts so long, and less where nothing is done in it."""

    def __init__(self, longest: float, idle: float, clock: Callable[[], float] = time.monotonic) -> None:
        """Begin with nobody.

        Args:
            longest: seconds that a stay lasts.
            idle: seconds after which one ends in which nothing is done.
            clock: seconds, never going back.

        """
        self._longest: Final = longest
        self._idle: Final = idle
        self._clock = clock
        self._open: dict[str, Session] = {}
        self._ended: list[Session] = []

    def open(self, person: AdminPerson) -> Session:
        """Let somebody in."""
        self._expire()
        own = sorted((each for each in self._open.values() if each.person == person), key=lambda each: each.seen)
        for oldest in own[: max(0, len(own) - _EACH + 1)]:
            self._end(oldest)
        now = self._clock()
        session = Session(csrf.new_session(), person, now, now)
        self._open[session.id] = session
        return session

    def find(self, session_id: str) -> Session | None:
        """The stay of this id, which is thereby in use; None where it ended or never was."""
        self._expire()
        session = self._open.get(session_id)
        if session is not None:
            session.seen = self._clock()
        return session

    def close(self, session: Session) -> None:
        """End it now."""
        if session.id in self._open:
            self._end(session)

    def close_all(self) -> None:
        """End all of them."""
        for session in list(self._open.values()):
            self._end(session)

    def take_ended(self) -> list[Session]:
        """Those that ended since this was asked last."""
        self._expire()
        ended, self._ended = self._ended, []
        return ended

    def put_back(self, ended: Iterable[Session]) -> None:
        """To be asked for again: these could not be dealt with."""
        self._ended = [*ended, *self._ended]

    def _expire(self) -> None:
        now = self._clock()
        for session in list(self._open.values()):
            over = min(session.began + self._longest, session.seen + self._idle)
            if now >= over:
                self._end(session, seconds_ago=now - over)

    def _end(self, session: Session, seconds_ago: float = 0.0) -> None:
        session.ended = utc_now() - timedelta(seconds=seconds_ago)
        self._ended.append(self._open.pop(session.id))
