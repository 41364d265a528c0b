"""Durable in, answered out: takes updates into the inbox and hands them to an adapter's handler.

At least once: an update whose process dies between the answer and the mark in the inbox is answered again. What
cannot be answered yet is put aside and holds up nobody.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Iterable, Sequence
from typing import Final, Protocol

from bots.postponement import Postponed, Postponements
from db.errors import DatabaseError
from db.inbox import Arrival, Entry, Inbox

_log = logging.getLogger(__name__)

MOST_IN_A_GROUP: Final = 10
"""Photos of one album (Telegram Bot API, sendMediaGroup: 2-10 items)."""

_MOST_RESTARTS: Final = 8
"""So many starts an entry may see unanswered: one that kills the process must not kill it for ever."""

_FIRST_RETRY_S: Final = 0.5
_LONGEST_RETRY_S: Final = 30.0
_MARK_ATTEMPTS: Final = 3
_LONGEST_POSTPONED_S: Final = 60 * 60
"""Who has waited longer is told that there will be no answer."""


class Handler(Protocol):
    """What an adapter does with entries. Called from several tasks at once, for different lanes."""

    async def handle(self, entries: Sequence[Entry], /) -> None:
        """Answer them: one entry, or the photos of one album. Raises to have them tried again a little later.

        Raises:
            Postponed: nothing can be said to them for now, and the resident knows. They are put aside: later messages
                of their lane are answered first.

        """
        ...

    async def give_up(self, entries: Sequence[Entry], /) -> None:
        """The last attempt failed: tell the resident, if that is possible. Never raises."""
        ...

    def lane(self, entry: Entry, /) -> str:
        """Entries of one lane, such as a chat, are handled one after the other, in order."""
        ...

    def group(self, entry: Entry, /) -> str | None:
        """Entries of a lane with the same group are handed over together once no more come; None: by itself."""
        ...


class Intake:
    """Between a platform and its handler. One event loop may use it; ``start`` before ``receive``."""

    def __init__(
        self,
        inbox: Inbox,
        platform: str,
        handler: Handler,
        *,
        workers: int,
        queue_limit: int,
        attempts: int = 5,
        album_quiet_s: float = 1.0,
        retry_s: float = _FIRST_RETRY_S,
        postpone_s: float = 5.0,
    ) -> None:
        """Take up nothing yet.

        Args:
            inbox: where entries are durable.
            platform: whose entries.
            handler: answers them.
            workers: how many lanes are worked on at the same time, >= 1.
            queue_limit: how many entries may be unfinished before ``receive`` waits, >= 1.
            attempts: how often an entry is tried in one run of the process, >= 1.
            album_quiet_s: seconds without another photo after which an album is complete.
            retry_s: seconds before the second attempt; doubled for each further one.
            postpone_s: seconds that something is put aside for the first time; doubled each time, up to a minute.

        """
        self._inbox = inbox
        self._platform = platform
        self._handler = handler
        self._slots = asyncio.Semaphore(workers)
        self._queue_limit = queue_limit
        self._attempts = attempts
        self._album_quiet_s = album_quiet_s
        self._retry_s = retry_s
        self._postponed = Postponements(self._take_up, first_s=postpone_s, limit_s=_LONGEST_POSTPONED_S)
        self._unfinished = 0
        self._has_room = asyncio.Event()
        self._has_room.set()
        self._is_idle = asyncio.Event()
        self._is_idle.set()
        self._lanes: dict[str, deque[list[Entry]]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._albums: dict[tuple[str, str], list[Entry]] = {}
        self._timers: dict[tuple[str, str], asyncio.TimerHandle] = {}

    @property
    def is_full(self) -> bool:
        """Whether ``receive`` would wait."""
        return not self._has_room.is_set()

    async def start(self) -> None:
        """Take up what an earlier run left unfinished."""
        self._admit(await self._inbox.unfinished(self._platform))

    async def receive(self, arrivals: Sequence[Arrival]) -> int:
        """Make these durable and have them handled; how many were new. Waits while too much is unfinished.

        Raises:
            DatabaseUnavailable: none was stored; the platform must not be told that we have them.

        """
        await self._has_room.wait()
        entries = await self._inbox.receive(arrivals)
        self._admit(entries)
        return len(entries)

    async def drain(self, seconds: float) -> None:
        """Wait until all is answered, for at most so many seconds. Call it once nothing more is received.

        What is put aside is left for the next start.
        """
        self._postponed.close()
        for key in tuple(self._albums):
            self._close_album(key)
        try:
            async with asyncio.timeout(seconds):
                await self._is_idle.wait()
        except TimeoutError:
            _log.info("%d messages are left for the next start", self._unfinished)

    async def close(self) -> None:
        """Stop at once. What is unfinished stays in the inbox."""
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
        self._postponed.close()
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _admit(self, entries: Iterable[Entry]) -> None:
        for entry in entries:
            self._count(1)
            lane = self._handler.lane(entry)
            group = self._handler.group(entry)
            if group is None:
                self._enqueue(lane, [entry])
            else:
                self._collect((lane, group), entry)

    def _collect(self, key: tuple[str, str], entry: Entry) -> None:
        album = self._albums.setdefault(key, [])
        album.append(entry)
        timer = self._timers.pop(key, None)
        if timer is not None:
            timer.cancel()
        if len(album) >= MOST_IN_A_GROUP:
            self._close_album(key)
            return
        self._timers[key] = asyncio.get_running_loop().call_later(self._album_quiet_s, self._close_album, key)

    def _close_album(self, key: tuple[str, str]) -> None:
        timer = self._timers.pop(key, None)
        if timer is not None:
            timer.cancel()
        self._enqueue(key[0], self._albums.pop(key))

    def _enqueue(self, lane: str, entries: list[Entry]) -> None:
        waiting = self._lanes.get(lane)
        if waiting is not None:
            waiting.append(entries)
            return
        self._lanes[lane] = deque([entries])
        task = asyncio.create_task(self._work(lane), name=f"intake-{self._platform}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _work(self, lane: str) -> None:
        waiting = self._lanes[lane]
        while waiting:
            entries = waiting.popleft()
            try:
                await self._answer(entries)
            except Exception as error:
                # A fault of ours must not silence this chat; the entry stays in the inbox for the next start.
                _log.error("entry %d was left unfinished: %s", entries[0].id, type(error).__name__)
            finally:
                self._count(-len(entries))
        # No await lies between the last look at the queue and here, so that nothing is left behind in it.
        del self._lanes[lane]

    def _take_up(self, entries: list[Entry]) -> None:
        self._count(len(entries))
        self._enqueue(self._handler.lane(entries[0]), entries)

    async def _answer(self, entries: list[Entry]) -> None:
        """Answer them, put them aside, or give them up."""
        if self._postponed.holds(entries) and not await self._are_wanted(entries):
            return
        try:
            is_answered = await self._tried(entries)
        except Postponed:
            if self._postponed.put_aside(entries):
                return
            is_answered = False
        self._postponed.finished(entries)
        numbers = [entry.id for entry in entries]
        if is_answered:
            await self._mark(numbers, None)
            return
        async with self._slots:
            await self._handler.give_up(entries)
        await self._mark(numbers, "gave_up")

    async def _are_wanted(self, entries: list[Entry]) -> bool:
        """Whether what was put aside still waits in the inbox: who was forgotten meanwhile is not answered."""
        try:
            waiting = await self._inbox.waiting([entry.id for entry in entries])
        except DatabaseError as error:
            _log.error("what was put aside cannot be looked up: %s", error)
            self._postponed.put_aside(entries)
            return False
        if len(waiting) < len(entries):
            self._postponed.finished(entries)
            return False
        return True

    async def _tried(self, entries: list[Entry]) -> bool:
        """Whether one of several attempts answered them."""
        if max(entry.attempts for entry in entries) > _MOST_RESTARTS:
            return False
        for attempt in range(1, self._attempts + 1):
            if await self._try(entries, attempt):
                return True
            if attempt < self._attempts:
                await asyncio.sleep(min(_LONGEST_RETRY_S, self._retry_s * 2 ** (attempt - 1)))
        return False

    async def _try(self, entries: list[Entry], attempt: int) -> bool:
        async with self._slots:
            try:
                await self._handler.handle(entries)
            except Postponed:
                raise
            except Exception as error:
                # The type alone: an error's text may quote what a resident sent.
                _log.warning("attempt %d at entry %d failed: %s", attempt, entries[0].id, type(error).__name__)
                _log.debug("the failed attempt", exc_info=True)
                return False
            return True

    async def _mark(self, numbers: list[int], code: str | None) -> None:
        for attempt in range(_MARK_ATTEMPTS):
            try:
                if code is None:
                    await self._inbox.answered(numbers)
                else:
                    await self._inbox.failed(numbers, code)
            except DatabaseError as error:
                _log.error("entries cannot be marked as answered and may be answered again: %s", error)
                await asyncio.sleep(self._retry_s * 2**attempt)
            else:
                return

    def _count(self, change: int) -> None:
        self._unfinished += change
        if self._unfinished:
            self._is_idle.clear()
        else:
            self._is_idle.set()
        if self._unfinished < self._queue_limit:
            self._has_room.set()
        else:
            self._has_room.clear()
