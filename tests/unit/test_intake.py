"""Between a platform and its handler: order, albums, attempts, and what happens when the process has to go."""

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from bots.intake import MOST_IN_A_GROUP, Intake
from db.errors import DatabaseUnavailable
from db.inbox import Arrival, Entry, Inbox
from db.times import utc_now


class MemoryInbox(Inbox):
    """What the real one promises, in memory. ``faults`` is how many of the next calls of a method fail."""

    def __init__(self) -> None:
        self.entries: dict[int, Entry] = {}
        self.states: dict[int, str] = {}
        self.faults: Counter[str] = Counter()

    async def receive(self, arrivals: Sequence[Arrival]) -> list[Entry]:
        self._fail("receive")
        known = {entry.update_id for entry in self.entries.values()}
        new = []
        for arrival in arrivals:
            if arrival.update_id not in known:
                number = len(self.entries) + 1
                entry = Entry(number, arrival.platform, arrival.update_id, arrival.payload, 0, utc_now())
                known.add(arrival.update_id)
                self.entries[number] = entry
                self.states[number] = "received"
                new.append(entry)
        return new

    async def unfinished(self, platform: str) -> list[Entry]:
        for number, state in self.states.items():
            if state == "received":
                self.entries[number] = replace(self.entries[number], attempts=self.entries[number].attempts + 1)
        return [self.entries[number] for number, state in self.states.items() if state == "received"]

    async def waiting(self, ids: Sequence[int]) -> frozenset[int]:
        self._fail("waiting")
        return frozenset(number for number in ids if self.states[number] == "received")

    async def answered(self, ids: Sequence[int]) -> None:
        self._fail("answered")
        self.states |= dict.fromkeys(ids, "answered")

    async def failed(self, ids: Sequence[int], code: str) -> None:
        self._fail("failed")
        self.states |= dict.fromkeys(ids, code)

    def _fail(self, method: str) -> None:
        if self.faults[method]:
            self.faults[method] -= 1
            raise DatabaseUnavailable("the disk is full")


@dataclass
class Recorder:
    """Answers entries whose payload is ``lane/name`` or ``lane/album/name``, and notes what it was given.

    ``failures`` is how often each name fails first; a lane in ``gates`` waits until its gate opens.
    """

    failures: Counter[str] = field(default_factory=Counter)
    gates: dict[str, asyncio.Event] = field(default_factory=dict)
    answered: list[list[str]] = field(default_factory=list)
    attempts: list[str] = field(default_factory=list)
    given_up: list[list[str]] = field(default_factory=list)
    at_work: set[str] = field(default_factory=set)
    most_at_work: int = 0
    news: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def handle(self, entries: Sequence[Entry]) -> None:
        lane = self.lane(entries[0])
        assert lane not in self.at_work, "one after the other in each lane"
        self.at_work.add(lane)
        self.most_at_work = max(self.most_at_work, len(self.at_work))
        try:
            names = [_names(entry)[-1] for entry in entries]
            self.attempts.append(names[0])
            await self._tell()
            if lane in self.gates:
                await self.gates[lane].wait()
            if self.failures[names[0]]:
                self.failures[names[0]] -= 1
                raise ValueError("a secret of the resident")
            self.answered.append(names)
            await self._tell()
        finally:
            self.at_work.discard(lane)

    async def give_up(self, entries: Sequence[Entry]) -> None:
        self.given_up.append([_names(entry)[-1] for entry in entries])
        await self._tell()

    def lane(self, entry: Entry) -> str:
        return _names(entry)[0]

    def group(self, entry: Entry) -> str | None:
        names = _names(entry)
        return names[1] if len(names) == 3 else None

    async def until(self, what: Any) -> None:
        async with asyncio.timeout(20), self.news:
            await self.news.wait_for(what)

    async def _tell(self) -> None:
        async with self.news:
            self.news.notify_all()


def _names(entry: Entry) -> list[str]:
    return entry.payload.decode().split("/")


def arrivals(*payloads: str) -> list[Arrival]:
    return [Arrival("telegram", payload, payload.encode()) for payload in payloads]


@asynccontextmanager
async def running(inbox: MemoryInbox, handler: Recorder, **chosen: Any) -> AsyncIterator[Intake]:
    options: dict[str, Any] = {"workers": 4, "queue_limit": 100, "album_quiet_s": 0.02, "retry_s": 0.0}
    intake = Intake(inbox, "telegram", handler, **(options | chosen))
    try:
        await intake.start()
        yield intake
    finally:
        await intake.close()


@pytest.fixture
def inbox() -> MemoryInbox:
    return MemoryInbox()


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


async def test_what_comes_is_answered_and_marked(inbox: MemoryInbox, recorder: Recorder) -> None:
    async with running(inbox, recorder) as intake:
        assert await intake.receive(arrivals("a/1", "b/2")) == 2
        await intake.drain(20)
    assert sorted(recorder.answered) == [["1"], ["2"]]
    assert inbox.states == {1: "answered", 2: "answered"}


async def test_what_comes_twice_is_answered_once(inbox: MemoryInbox, recorder: Recorder) -> None:
    async with running(inbox, recorder) as intake:
        assert await intake.receive(arrivals("a/1")) == 1
        assert await intake.receive(arrivals("a/1")) == 0
        await intake.drain(20)
        assert await intake.receive(arrivals("a/1")) == 0
    assert recorder.answered == [["1"]]


async def test_what_could_not_be_stored_is_not_answered(inbox: MemoryInbox, recorder: Recorder) -> None:
    inbox.faults["receive"] = 1
    async with running(inbox, recorder) as intake:
        with pytest.raises(DatabaseUnavailable):
            await intake.receive(arrivals("a/1"))
        await intake.drain(20)
        assert recorder.attempts == []
        await intake.receive(arrivals("a/1"))
        await intake.drain(20)
    assert recorder.answered == [["1"]]


async def test_a_lane_keeps_its_order_through_failures(inbox: MemoryInbox, recorder: Recorder) -> None:
    recorder.failures["1"] = 2
    async with running(inbox, recorder) as intake:
        await intake.receive(arrivals("a/1", "a/2", "a/3"))
        await intake.drain(20)
    assert recorder.attempts == ["1", "1", "1", "2", "3"]


async def test_lanes_are_worked_on_side_by_side_up_to_the_number_of_workers(
    inbox: MemoryInbox, recorder: Recorder
) -> None:
    recorder.gates = {lane: asyncio.Event() for lane in "abc"}
    async with running(inbox, recorder, workers=2) as intake:
        await intake.receive(arrivals("a/1", "b/2", "c/3"))
        await recorder.until(lambda: len(recorder.attempts) == 2)
        recorder.gates["a"].set()
        await recorder.until(lambda: len(recorder.attempts) == 3)
        assert recorder.answered == [["1"]]
        for gate in recorder.gates.values():
            gate.set()
        await intake.drain(20)
    assert recorder.most_at_work == 2
    assert len(recorder.answered) == 3


async def test_a_lane_that_waits_for_its_next_attempt_leaves_its_worker_to_others(
    inbox: MemoryInbox, recorder: Recorder
) -> None:
    recorder.failures["1"] = 1
    async with running(inbox, recorder, workers=1, retry_s=3600) as intake:
        await intake.receive(arrivals("a/1", "b/2"))
        await recorder.until(lambda: recorder.answered)
        await intake.drain(0)
    assert recorder.answered == [["2"]]
    assert inbox.states[1] == "received", "it is left for the next start"


async def test_an_album_is_handed_over_together_once_it_is_quiet(inbox: MemoryInbox, recorder: Recorder) -> None:
    async with running(inbox, recorder) as intake:
        await intake.receive(arrivals("a/album/1", "a/album/2"))
        await intake.receive(arrivals("a/album/3"))
        await recorder.until(lambda: recorder.answered)
        await intake.drain(20)
    assert recorder.answered == [["1", "2", "3"]]
    assert set(inbox.states.values()) == {"answered"}


async def test_an_album_is_complete_at_ten(inbox: MemoryInbox, recorder: Recorder) -> None:
    async with running(inbox, recorder, album_quiet_s=3600) as intake:
        await intake.receive(arrivals(*(f"a/album/{number}" for number in range(MOST_IN_A_GROUP + 2))))
        await recorder.until(lambda: recorder.answered)
        assert recorder.answered == [[str(number) for number in range(10)]]
        await intake.drain(20)
    assert recorder.answered[1:] == [["10", "11"]], "whatever else comes is not lost either"


async def test_albums_of_two_lanes_with_one_number_stay_apart(inbox: MemoryInbox, recorder: Recorder) -> None:
    async with running(inbox, recorder) as intake:
        await intake.receive(arrivals("a/album/1", "b/album/2", "a/album/3", "a/other/4"))
        await intake.drain(20)
    assert sorted(recorder.answered) == [["1", "3"], ["2"], ["4"]]


async def test_an_album_that_fails_is_tried_again_as_a_whole(inbox: MemoryInbox, recorder: Recorder) -> None:
    recorder.failures["1"] = 1
    async with running(inbox, recorder) as intake:
        await intake.receive(arrivals("a/album/1", "a/album/2"))
        await intake.drain(20)
    assert recorder.attempts == ["1", "1"]
    assert recorder.answered == [["1", "2"]]


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that were waited for, in no time."""
    waits: list[float] = []
    sleep = asyncio.sleep

    async def at_once(seconds: float) -> None:
        waits.append(seconds)
        await sleep(0)

    monkeypatch.setattr(asyncio, "sleep", at_once)
    return waits


async def test_waits_between_attempts_grow_up_to_a_bound_and_then_it_is_given_up(
    inbox: MemoryInbox, recorder: Recorder, slept: list[float]
) -> None:
    recorder.failures["1"] = 100
    async with running(inbox, recorder, attempts=9, retry_s=0.5) as intake:
        await intake.receive(arrivals("a/1", "a/2"))
        await intake.drain(20)
    assert slept == [0.5, 1, 2, 4, 8, 16, 30, 30]
    assert recorder.given_up == [["1"]]
    assert recorder.answered == [["2"]], "the next one has its turn"
    assert inbox.states == {1: "gave_up", 2: "answered"}


async def test_the_log_of_a_failure_says_its_kind_and_nothing_of_what_was_sent(
    inbox: MemoryInbox, recorder: Recorder, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    recorder.failures["1"] = 1
    async with running(inbox, recorder) as intake:
        await intake.receive(arrivals("a/1"))
        await intake.drain(20)
    assert "attempt 1 at entry 1 failed: ValueError" in caplog.text
    assert "a secret of the resident" not in caplog.text


@pytest.mark.parametrize(("starts", "state"), [(8, "answered"), (9, "gave_up")])
async def test_an_entry_that_saw_too_many_starts_is_given_up_without_a_look(
    inbox: MemoryInbox, recorder: Recorder, starts: int, state: str
) -> None:
    """Whatever kills the process does so a limited number of times."""
    await inbox.receive(arrivals("a/1"))
    inbox.entries[1] = replace(inbox.entries[1], attempts=starts - 1)
    async with running(inbox, recorder) as intake:
        await intake.drain(20)
    assert inbox.states == {1: state}
    assert bool(recorder.attempts) == (state == "answered")
    assert bool(recorder.given_up) == (state == "gave_up")


async def test_who_brings_more_waits_while_too_much_is_unfinished(inbox: MemoryInbox, recorder: Recorder) -> None:
    recorder.gates["a"] = asyncio.Event()
    async with running(inbox, recorder, queue_limit=2) as intake:
        fullness = []
        for name in ("a/1", "a/2"):
            await intake.receive(arrivals(name))
            fullness.append(intake.is_full)
        assert fullness == [False, True]
        more = asyncio.create_task(intake.receive(arrivals("b/3")))
        await recorder.until(lambda: recorder.attempts)
        await asyncio.sleep(0)
        assert not more.done()
        assert len(inbox.entries) == 2, "not even stored"
        recorder.gates["a"].set()
        assert await more == 1
        await intake.drain(20)
        fullness.append(intake.is_full)
    assert fullness[-1] is False
    assert len(recorder.answered) == 3


async def test_photos_that_wait_for_their_album_count_as_unfinished(inbox: MemoryInbox, recorder: Recorder) -> None:
    async with running(inbox, recorder, queue_limit=2, album_quiet_s=3600) as intake:
        await intake.receive(arrivals("a/album/1", "a/album/2"))
        assert intake.is_full


async def test_draining_waits_for_what_is_at_work_and_for_open_albums(inbox: MemoryInbox, recorder: Recorder) -> None:
    recorder.gates["a"] = asyncio.Event()
    async with running(inbox, recorder, album_quiet_s=3600) as intake:
        await intake.receive(arrivals("a/1", "b/album/2", "b/album/3"))
        drained = asyncio.create_task(intake.drain(20))
        await recorder.until(lambda: ["2", "3"] in recorder.answered)
        assert not drained.done()
        recorder.gates["a"].set()
        await drained
    assert set(inbox.states.values()) == {"answered"}


async def test_what_is_unfinished_when_it_closes_is_left_and_taken_up_by_the_next_start(
    inbox: MemoryInbox, recorder: Recorder
) -> None:
    recorder.gates["a"] = asyncio.Event()
    async with running(inbox, recorder, album_quiet_s=3600) as intake:
        await intake.receive(arrivals("a/1", "a/2", "b/album/3", "b/album/4"))
        await recorder.until(lambda: recorder.attempts)
    assert not recorder.at_work, "what was at work was cancelled"
    assert set(inbox.states.values()) == {"received"}
    assert recorder.given_up == []
    successor = Recorder()
    async with running(inbox, successor) as intake:
        await intake.drain(20)
    assert sorted(successor.answered) == [["1"], ["2"], ["3", "4"]]
    assert set(inbox.states.values()) == {"answered"}


async def test_a_mark_that_fails_is_tried_again_without_a_second_answer(inbox: MemoryInbox, recorder: Recorder) -> None:
    inbox.faults["answered"] = 2
    async with running(inbox, recorder) as intake:
        await intake.receive(arrivals("a/1"))
        await intake.drain(20)
    assert recorder.answered == [["1"]]
    assert inbox.states == {1: "answered"}


async def test_a_mark_that_fails_for_long_is_logged_and_holds_up_nobody(
    inbox: MemoryInbox, recorder: Recorder, caplog: pytest.LogCaptureFixture
) -> None:
    inbox.faults["answered"] = 3
    async with running(inbox, recorder, queue_limit=1) as intake:
        await intake.receive(arrivals("a/1"))
        await intake.receive(arrivals("a/2"))
        await intake.drain(20)
    assert inbox.states == {1: "received", 2: "answered"}
    assert "may be answered again" in caplog.text


async def test_a_fault_of_ours_leaves_the_entry_for_the_next_start_and_the_lane_alive(
    inbox: MemoryInbox, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken(Recorder):
        async def give_up(self, entries: Sequence[Entry]) -> None:
            raise RuntimeError("a secret of the resident")

    recorder = Broken(failures=Counter({"1": 100}))
    async with running(inbox, recorder) as intake:
        await intake.receive(arrivals("a/1", "a/2"))
        await intake.drain(20)
        assert not intake.is_full
    assert inbox.states == {1: "received", 2: "answered"}
    assert "entry 1 was left unfinished: RuntimeError" in caplog.text
