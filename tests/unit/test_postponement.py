"""What cannot be answered yet: said once, put aside, answered later, never lost, in nobody's way."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from bots.conversation import Conversation
from bots.conversation_options import ConversationOptions
from bots.intake import Intake
from bots.messages import load_messages
from bots.platforms import Platform
from bots.postponement import Postponed, Postponements
from bots.reply import CardKind
from bots.request import Command, CommandSent, PhotosSent, Resident
from db.inbox import Entry
from db.times import utc_now
from guides import Language, load_guides
from inference.errors import DecodeError, DecodeProblem, InferenceBusy, InferenceError, InferenceUnavailable
from inference.labels import Label
from tests.scripted_inference import ScriptedInference, verdict
from tests.unit.test_intake import MemoryInbox, arrivals

DOWN = InferenceUnavailable("unreachable", "10.0.0.7 refused")


@dataclass
class Handler:
    """Postpones entries while they are ``down``; lanes are the first letter of a payload."""

    down: set[str] = field(default_factory=set)
    answered: list[str] = field(default_factory=list)
    looked_at: list[str] = field(default_factory=list)
    given_up: list[str] = field(default_factory=list)

    async def handle(self, entries: Sequence[Entry]) -> None:
        name = entries[0].payload.decode()
        self.looked_at.append(name)
        if name in self.down:
            raise Postponed
        self.answered.append(name)

    async def give_up(self, entries: Sequence[Entry]) -> None:
        self.given_up.append(entries[0].payload.decode())

    def lane(self, entry: Entry) -> str:
        return entry.payload.decode()[0]

    def group(self, entry: Entry) -> str | None:
        return None

    async def until_looked_at(self, name: str, times: int) -> None:
        async with asyncio.timeout(20):
            while self.looked_at.count(name) < times:  # noqa: ASYNC110 - timers call it, nothing announces it
                await asyncio.sleep(0.005)


@asynccontextmanager
async def taking(inbox: MemoryInbox, handler: Handler, *, postpone_s: float = 0.01) -> AsyncIterator[Intake]:
    intake = Intake(inbox, "telegram", handler, workers=2, queue_limit=1, postpone_s=postpone_s)
    await intake.start()
    try:
        yield intake
    finally:
        await intake.close()


async def test_what_is_put_aside_is_answered_once_it_can_be() -> None:
    inbox, handler = MemoryInbox(), Handler(down={"a1"})
    async with taking(inbox, handler) as intake:
        await intake.receive(arrivals("a1"))
        await handler.until_looked_at("a1", 3)
        assert inbox.states == {1: "received"}
        handler.down.clear()
        await handler.until_looked_at("a1", 4)
        await intake.drain(20)
    assert handler.answered == ["a1"]
    assert inbox.states == {1: "answered"}
    assert handler.given_up == []


async def test_it_holds_up_neither_its_lane_nor_the_queue() -> None:
    inbox, handler = MemoryInbox(), Handler(down={"a1"})
    async with taking(inbox, handler, postpone_s=3600) as intake, asyncio.timeout(20):
        await intake.receive(arrivals("a1"))
        await handler.until_looked_at("a1", 1)
        await intake.receive(arrivals("a2"))
        await intake.receive(arrivals("b3"))
        await intake.drain(20)
    assert handler.answered == ["a2", "b3"]


async def test_a_stop_waits_for_nothing_that_is_put_aside_and_the_next_start_takes_it_up() -> None:
    inbox, handler = MemoryInbox(), Handler(down={"a1"})
    async with taking(inbox, handler, postpone_s=3600) as intake, asyncio.timeout(20):
        await intake.receive(arrivals("a1"))
        await handler.until_looked_at("a1", 1)
        await intake.drain(3600)
    assert inbox.states == {1: "received"}
    handler.down.clear()
    async with taking(inbox, handler) as intake:
        await intake.drain(20)
    assert inbox.states == {1: "answered"}


async def test_who_was_forgotten_meanwhile_is_not_answered() -> None:
    inbox, handler = MemoryInbox(), Handler(down={"a1"})
    async with taking(inbox, handler) as intake:
        await intake.receive(arrivals("a1"))
        await handler.until_looked_at("a1", 1)
        inbox.states[1] = "forgotten"
        looks = len(handler.looked_at)
        await asyncio.sleep(0.1)
        await intake.drain(20)
    assert len(handler.looked_at) == looks
    assert inbox.states[1] == "forgotten"


async def test_a_database_that_fails_meanwhile_loses_nothing() -> None:
    inbox, handler = MemoryInbox(), Handler(down={"a1"})
    inbox.faults["waiting"] = 2
    async with taking(inbox, handler) as intake, asyncio.timeout(20):
        await intake.receive(arrivals("a1"))
        await handler.until_looked_at("a1", 1)
        handler.down.clear()
        await handler.until_looked_at("a1", 2)
        await intake.drain(20)
    assert inbox.states == {1: "answered"}


async def test_who_has_waited_too_long_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bots.intake._LONGEST_POSTPONED_S", 0.05)
    inbox, handler = MemoryInbox(), Handler(down={"a1"})
    async with taking(inbox, handler) as intake, asyncio.timeout(20):
        await intake.receive(arrivals("a1"))
        while not handler.given_up:  # noqa: ASYNC110
            await asyncio.sleep(0.005)
        await intake.drain(20)
    assert inbox.states == {1: "gave_up"}


async def test_what_is_closed_takes_nothing_up() -> None:
    taken: list[list[Entry]] = []
    postponements = Postponements(taken.append, first_s=0.0, limit_s=10)
    assert postponements.put_aside([Entry(1, "telegram", "1", b"a", 0, utc_now())])
    postponements.close()
    await asyncio.sleep(0.01)
    assert taken == []


def resident(language: Language) -> Resident:
    return Resident(language, "kr", Platform.TELEGRAM, "somebody", "chat")


@pytest.mark.parametrize("error", [DOWN, InferenceBusy(4)])
@pytest.mark.parametrize(
    ("language", "headline", "promise"),
    [
        ("en", "I can’t look at photos right now", "need not send it again"),
        ("ko", "사진을 볼 수 없어요", "다시 보내지"),
    ],
)
async def test_an_adapter_that_keeps_messages_gets_one_promise_for_all_photos(
    error: InferenceError, language: Language, headline: str, promise: str
) -> None:
    inference = ScriptedInference({b"2": error, b"3": DecodeError(DecodeProblem.CORRUPT)})
    talk = Conversation(inference, load_guides(), load_messages())
    reply = await talk.reply(PhotosSent((b"1", b"2", b"3"), can_wait=True), resident(language))
    (card,) = reply.cards
    assert reply.is_postponed
    assert card.kind is CardKind.PROBLEM
    assert headline in card.headline
    assert promise in card.detail
    assert card.buttons, "the kind can be chosen meanwhile"
    assert "10.0.0.7" not in card.detail


async def test_an_adapter_that_keeps_none_says_try_again() -> None:
    talk = Conversation(ScriptedInference(otherwise=DOWN), load_guides(), load_messages())
    reply = await talk.reply(PhotosSent((b"1",)), resident("en"))
    assert not reply.is_postponed
    assert "try again" in reply.cards[0].detail


async def test_what_the_photo_itself_is_at_fault_for_is_never_postponed() -> None:
    talk = Conversation(ScriptedInference(otherwise=DecodeError(DecodeProblem.CORRUPT)), load_guides(), load_messages())
    assert not (await talk.reply(PhotosSent((b"1",), can_wait=True), resident("en"))).is_postponed


async def test_asking_again_is_no_flood() -> None:
    inference = ScriptedInference(otherwise=DOWN)
    options = ConversationOptions(per_user_per_minute=2)
    talk = Conversation(inference, load_guides(), load_messages(), options=options)
    photos = PhotosSent((b"1", b"2"), can_wait=True)
    assert (await talk.reply(photos, resident("en"))).is_postponed
    for _ in range(5):
        again = await talk.reply(PhotosSent(photos.photos, can_wait=True, is_again=True), resident("en"))
        assert again.is_postponed
    inference.otherwise = verdict(Label.PAPER)
    answered = await talk.reply(PhotosSent(photos.photos, can_wait=True, is_again=True), resident("en"))
    assert [card.kind for card in answered.cards] == [CardKind.ANSWER, CardKind.ANSWER]


async def test_pictures_that_no_host_makes_now_are_not_said_to_be_impossible() -> None:
    class Down(ScriptedInference):
        async def generate(self, label: Label, count: int, seed: int) -> tuple[()]:
            raise DOWN

    talk = Conversation(Down(), load_guides(), load_messages())
    reply = await talk.reply(CommandSent(Command.GENERATE, "paper"), resident("en"))
    (card,) = reply.cards
    assert card.headline == "I can’t make pictures right now"
    assert "no model" not in card.detail
