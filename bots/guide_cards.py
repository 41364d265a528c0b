"""What buttons and words about a guide lead to: one section, a question about the thing's state, a thing by name."""

from collections.abc import Sequence
from typing import Final

from bots.actions import AnswerCondition, AskCondition, ShowLabels, ShowSection, ShowThing
from bots.cards import CardWriter
from bots.chat_layout import section_lines
from bots.reply import Button, Card, CardKind
from guides.things import Thing, ThingMatch
from inference.labels import LABELS, Label

_OFFERED: Final = 5


def section_card(action: ShowSection, writer: CardWriter) -> Card:
    """One part of a guide; the whole guide where it has no such part here."""
    whole = writer.guide(action.label)
    sections = () if whole.guide is None else whole.guide.sections
    chosen = [section for section in sections if section.kind is action.section]
    if not chosen:
        return whole
    linked = [item.button for section in chosen for item in section.items if item.button is not None]
    return Card(
        CardKind.INFO,
        writer.texts("section-headline", name=whole.headline, section=chosen[0].heading),
        paragraphs=tuple(line for section in chosen for line in section_lines(section)),
        buttons=_each_once(linked),
    )


def condition_card(action: AskCondition, writer: CardWriter) -> Card:
    """The question with its answers as buttons; the whole guide where the question is not in it any more."""
    found = writer.condition(action.label, action.condition)
    if found is None:
        return writer.guide(action.label)
    buttons = tuple(
        Button(answer.button, AnswerCondition(action.label, found.id, answer.id)) for answer in found.answers
    )
    return Card(CardKind.CONDITION, found.question, writer.name(action.label), buttons=buttons)


def condition_answer_card(action: AnswerCondition, writer: CardWriter) -> Card:
    """What holds then."""
    found = writer.condition(action.label, action.condition)
    answers = () if found is None else found.answers
    chosen = next((answer for answer in answers if answer.id == action.answer), None)
    if found is None or chosen is None:
        return writer.guide(action.label)
    target = Label(chosen.label) if chosen.label in list(LABELS) else action.label
    return Card(
        CardKind.CONDITION,
        writer.texts("condition-answer", question=found.question, answer=chosen.button),
        paragraphs=(chosen.text,),
        buttons=(writer.guide_button(target),),
    )


def thing_card(thing: Thing, chain: Sequence[str], writer: CardWriter) -> Card:
    """Where one everyday thing goes."""
    disposal = thing.disposal(tuple(chain), writer.texts.language)
    label = Label(disposal.label) if disposal.label in list(LABELS) else None
    return Card(
        CardKind.THING,
        disposal.name,
        writer.texts("thing-stream", stream=disposal.stream),
        paragraphs=(disposal.note,) if disposal.note else (),
        buttons=(Button(writer.texts("not-waste-choose"), ShowLabels()),)
        if label is None
        else (writer.guide_button(label),),
    )


def choice_card(matches: Sequence[ThingMatch], writer: CardWriter) -> Card:
    """Several things may be meant: which?"""
    buttons = [
        Button(match.thing.disposal((), writer.texts.language).name, ShowThing(match.thing.id))
        for match in matches[:_OFFERED]
    ]
    other = Button(writer.texts("search-other"), ShowLabels())
    return Card(
        CardKind.SEARCH,
        writer.texts("search-which"),
        writer.texts("search-which.detail"),
        buttons=(*_each_once(buttons), other),
    )


def nothing_found_card(writer: CardWriter) -> Card:
    """Nobody knows the thing: how to go on."""
    return Card(
        CardKind.SEARCH,
        writer.texts("search-nothing"),
        writer.texts("search-nothing.detail"),
        buttons=(Button(writer.texts("not-waste-choose"), ShowLabels()),),
    )


def _each_once(buttons: Sequence[Button]) -> tuple[Button, ...]:
    return tuple({button.action: button for button in buttons}.values())
