"""A pressed button -> what it stands for."""

from dataclasses import replace
from typing import Final, assert_never

from bots.actions import (
    Action,
    AnswerCondition,
    AskCondition,
    Correct,
    Draw,
    Forget,
    Pick,
    SayRight,
    SayUnanswerable,
    SayWrong,
    SetConsent,
    SetLanguage,
    SetRegion,
    ShowGuide,
    ShowLabels,
    ShowSection,
    ShowThing,
    Unanswerable,
)
from bots.cards import CardWriter
from bots.command_answers import CommandAnswers
from bots.guide_cards import condition_answer_card, condition_card, section_card
from bots.picture_answers import PictureAnswers
from bots.reply import Button, Card, CardKind, Place, Reply
from bots.request import Resident
from bots.thing_answers import ThingAnswers
from db.database import Database
from db.feedback import Verdict
from inference.labels import LABELS

_VERDICTS: Final[dict[Unanswerable, Verdict]] = {
    Unanswerable.NONE: "none",
    Unanswerable.SEVERAL: "several",
    Unanswerable.UNSEEN: "unseen",
}


class ButtonAnswers:
    """Answers presses. Opinions are kept; that of somebody else in a group counts as theirs."""

    def __init__(
        self, memory: Database | None, commands: CommandAnswers, things: ThingAnswers, pictures: PictureAnswers
    ) -> None:
        self._memory = memory
        self._commands = commands
        self._things = things
        self._pictures = pictures

    async def reply(self, action: Action, resident: Resident, writer: CardWriter) -> Reply:
        """What a press leads to.

        A guide, a section or an answer comes below, so that the question stays; a question that is settled
        (which one is it? may photos be kept?) is replaced by what followed from it.
        """
        match action:
            case ShowGuide(label):
                return Reply((writer.guide(label),), Place.KEEP_BUTTONS)
            case ShowLabels():
                return Reply((writer.labels(),), Place.KEEP_BUTTONS)
            case ShowSection():
                return Reply((section_card(action, writer),), Place.KEEP_BUTTONS)
            case AskCondition():
                return Reply((condition_card(action, writer),), Place.KEEP_BUTTONS)
            case AnswerCondition():
                return Reply((condition_answer_card(action, writer),), Place.EDIT)
            case ShowThing(thing):
                return replace(await self._things.thing(thing, resident, writer), place=Place.EDIT)
            case Pick(query, label):
                verdict: Verdict = "wrong" if await self._was_other(query, label.value) else "right"
                await self._say(query, resident, verdict, label)
                return Reply((writer.guide(label),), Place.EDIT, toast=writer.texts("thanks"))
            case SayRight(query):
                await self._say(query, resident, "right", None)
                return Reply((self._thanks(query, writer),), Place.KEEP_BUTTONS, toast=writer.texts("thanks"))
            case SayWrong(query):
                await self._say(query, resident, "wrong", None)
                return Reply((self._which(query, writer),), Place.KEEP_BUTTONS)
            case Correct(query, label):
                await self._say(query, resident, "wrong", label)
                cards = (self._thanks(query, writer), writer.guide(label))
                return Reply(cards, Place.EDIT, toast=writer.texts("thanks"))
            case SayUnanswerable(query, reason):
                await self._say(query, resident, _VERDICTS[reason], None)
                return Reply((self._how_to_go_on(query, reason, writer),), Place.KEEP_BUTTONS)
            case SetConsent(given, version):
                return await self._commands.set_consent(given, version, resident, writer)
            case SetLanguage(language):
                return await self._commands.set_language(language, resident)
            case SetRegion(region):
                return await self._commands.set_region(region, resident, writer)
            case Forget(confirmed):
                return await self._commands.forget(confirmed, resident, writer)
            case Draw(label):
                return await self._pictures.draw(label, resident, writer)
            case _:
                assert_never(action)

    async def _say(self, query: str, resident: Resident, verdict: Verdict, label: str | None) -> None:
        if self._memory is not None:
            await self._memory.feedback.say(query, resident.user_key, verdict, label)

    async def _was_other(self, query: str, label: str) -> bool:
        logged = None if self._memory is None else await self._memory.queries.get(query)
        return logged is not None and logged.label != label

    def _thanks(self, query: str, writer: CardWriter) -> Card:
        texts = writer.texts
        return Card(CardKind.THANKS, texts("thanks"), texts("thanks.receipt", number=query), receipt=query)

    def _which(self, query: str, writer: CardWriter) -> Card:
        return Card(
            CardKind.LABELS,
            writer.texts("labels-headline"),
            writer.texts("correct-detail"),
            buttons=(
                *_corrections(query, writer),
                Button(writer.texts("ask-none"), SayUnanswerable(query, Unanswerable.NONE)),
            ),
            receipt=query,
        )

    def _how_to_go_on(self, query: str, reason: Unanswerable, writer: CardWriter) -> Card:
        texts = writer.texts
        labels = writer.labels()
        with_tips = reason is Unanswerable.UNSEEN
        return Card(
            CardKind.LABELS,
            texts(f"unfit-{reason.value}"),
            texts(f"unfit-{reason.value}.detail"),
            buttons=_corrections(query, writer),
            tips_title=labels.tips_title if with_tips else "",
            tips=labels.tips if with_tips else (),
            receipt=query,
        )


def _corrections(query: str, writer: CardWriter) -> tuple[Button, ...]:
    """Each kind, as what the thing really is."""
    return tuple(Button(writer.name(label), Correct(query, label), label) for label in LABELS)
