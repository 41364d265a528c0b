"""The shape of a guide: what must be said about one label, in one place, in one language.

A guide is keyed by (label, jurisdiction, language) and never translated: rules and safety advice differ
between places, so the English guide for Korea and the English guide for elsewhere are two texts. Every
statement names where it comes from. Unknown keys and empty texts are refused.
"""

from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from typing import Annotated, Final, Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

Language = Literal["ko", "en"]
LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, pattern=r"^[^\n\r\t]*$")]
"""One paragraph: not empty, no line breaks (the reader's screen breaks the lines)."""

Name = Annotated[Text, StringConstraints(max_length=90)]
ButtonText = Annotated[Text, StringConstraints(max_length=40)]
"""Short enough for a chat button on a phone."""

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=32)]
"""An id made of a-z, 0-9 and hyphens; short, because chat platforms allow 64 bytes for a whole button id."""


class Entry(BaseModel):
    """The base of everything in a guide file: frozen, and strict about its keys."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class SourceKind(StrEnum):
    """How much weight a source carries."""

    OFFICIAL = "official"
    """A ministry, a municipality, the fire service, a law, or a public body."""
    PRESS = "press"
    """A newspaper, a news agency or a broadcaster."""
    INDUSTRY = "industry"
    """A recycler, a maker, a scheme operator, or a guide site."""
    EDITORIAL = "editorial"
    """General knowledge written down by Bunri's editors; no page stands behind it."""


class Source(Entry):
    """Where a statement was read.

    Attributes:
        id: what statements cite.
        name: the publisher and page, in the language of the guide.
        kind: how much weight it carries.
        page: a short public address or page number with which the page can be found again.
        checked: the day somebody last compared the statements with it.

    """

    id: Slug
    name: Name
    kind: SourceKind
    page: Name | None = None
    checked: date


class Cited(Entry):
    """Something that is claimed, with the ids of the sources it rests on (at least one)."""

    sources: Annotated[tuple[Slug, ...], Field(min_length=1)]


class Statement(Cited):
    """One thing the reader should do or know."""

    text: Text


class Bin(Entry):
    """A container or collection stream that a thing goes into.

    Attributes:
        name: what it is called in the language of the guide.
        korean: its name in Hangul, as printed on it (for readers of another language in Korea).
        romanised: how that name sounds.
        takes: what goes in there, where a guide names several bins.

    """

    name: Name
    korean: Name | None = None
    romanised: Name | None = None
    takes: Text | None = None


class Component(Cited):
    """A part of the thing that may go elsewhere: the cap, the label, the body.

    Attributes:
        id: unique in the guide.
        name: what the reader calls it.
        text: what to do with it.
        label: the label whose guide holds for this part, where it is another one.

    """

    id: Slug
    name: ButtonText
    text: Text
    label: Slug | None = None


class Answer(Cited):
    """One way to answer a condition, and what then holds.

    Attributes:
        id: unique in the condition ("yes" and "no" are written in quotes in YAML).
        button: the words on the button.
        text: what to do then.
        label: the label whose guide holds then, where it is another one.

    """

    id: Slug
    button: ButtonText
    text: Text
    label: Slug | None = None


class Condition(Entry):
    """A question about the thing's state whose answer changes what to do."""

    id: Slug
    question: Text
    answers: Annotated[tuple[Answer, ...], Field(min_length=2, max_length=6)]

    @model_validator(mode="after")
    def _answers_differ(self) -> Self:
        _refuse_repeats("answers", [answer.id for answer in self.answers])
        return self


class Mistake(Cited):
    """What people do wrong, and what to do instead."""

    wrong: Text
    instead: Text


class Severity(StrEnum):
    """How bad it can get; the order of the members is the order in which hazards are shown."""

    DANGER = "danger"
    """Fire, explosion, poisoning."""
    WARNING = "warning"
    """Injury to the reader or to the people who sort."""
    CAUTION = "caution"
    """Damage, dirt, loss of privacy."""


class HazardNote(Cited):
    """A danger and how to avoid it."""

    severity: Severity
    text: Text


class Deposit(Entry):
    """Money that comes back for one container."""

    container: Name
    amount: Annotated[int, Field(gt=0)]
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] = "KRW"


class Money(Cited):
    """What can be earned or lost.

    Attributes:
        text: the rule in a sentence.
        deposits: the refund by container, where there is a deposit scheme.

    """

    text: Text
    deposits: tuple[Deposit, ...] = ()


class Mark(Cited):
    """A sorting mark printed on the packaging, and what it asks for."""

    name: ButtonText
    text: Text


class Contact(Cited):
    """A service to call or visit."""

    name: Name
    phone: Annotated[str, StringConstraints(pattern=r"^[0-9+][0-9-]{2,19}$")] | None = None
    text: Text


class TownDifference(Cited):
    """A point on which towns or sources disagree. Bunri shows it instead of choosing."""

    topic: ButtonText
    text: Text


class Guide(Entry):
    """Everything Bunri says about one label in one jurisdiction and language.

    Attributes:
        label: the waste label, spelled as everywhere in Bunri; the name of the guide's file.
        jurisdiction: "kr", "intl", or a town in one of them such as "kr-jungnang"; the name of the folder.
        language: the language of every text in it.
        title: what people call this kind of waste.
        also: other names by which it may be asked for.
        summary: the answer in one sentence.
        stream: where it usually goes.
        other_bins: where its special cases go.
        steps: what to do, in order.
        conditions: questions whose answers change what to do.
        parts: what to do part by part.
        mistakes: what people get wrong.
        hazards: dangers, the worst first.
        becomes: what it is turned into.
        money: deposits and the like.
        marks: the printed marks to look for.
        contacts: whom to call.
        differs_by_town: where rules or sources disagree.
        sources: the sources cited above, in the order of their first mention.

    """

    label: Slug
    jurisdiction: Slug
    language: Language
    title: ButtonText
    also: tuple[Name, ...] = ()
    summary: Annotated[Text, StringConstraints(max_length=200)]
    stream: Bin
    other_bins: tuple[Bin, ...] = ()
    steps: Annotated[tuple[Statement, ...], Field(min_length=1)]
    conditions: tuple[Condition, ...] = ()
    parts: tuple[Component, ...] = ()
    mistakes: tuple[Mistake, ...] = ()
    hazards: tuple[HazardNote, ...] = ()
    becomes: tuple[Statement, ...] = ()
    money: tuple[Money, ...] = ()
    marks: tuple[Mark, ...] = ()
    contacts: tuple[Contact, ...] = ()
    differs_by_town: tuple[TownDifference, ...] = ()
    sources: Annotated[tuple[Source, ...], Field(min_length=1)]

    @property
    def checked(self) -> date:
        """The day its oldest source was last checked: nothing in the guide is older than this."""
        return min(source.checked for source in self.sources)

    def cited(self) -> tuple[str, ...]:
        """Every source id that a statement names, in the order of first mention."""
        return tuple(dict.fromkeys(_citations(self)))

    def leads_to(self) -> frozenset[str]:
        """The other labels whose guides this one sends the reader to."""
        answers = (answer.label for condition in self.conditions for answer in condition.answers)
        parts = (part.label for part in self.parts)
        return frozenset(label for label in (*answers, *parts) if label is not None)

    @model_validator(mode="after")
    def _every_citation_has_a_source(self) -> Self:
        known = {source.id for source in self.sources}
        unknown = [source_id for source_id in self.cited() if source_id not in known]
        if unknown:
            raise ValueError(f"cites sources that are not listed: {', '.join(unknown)}")
        return self

    @model_validator(mode="after")
    def _ids_are_unique(self) -> Self:
        _refuse_repeats("conditions", [condition.id for condition in self.conditions])
        _refuse_repeats("parts", [part.id for part in self.parts])
        return self

    @model_validator(mode="after")
    def _worst_hazard_first(self) -> Self:
        order = list(Severity)
        ranks = [order.index(hazard.severity) for hazard in self.hazards]
        if ranks != sorted(ranks):
            raise ValueError("hazards must be ordered by severity: danger, warning, caution")
        return self

    @model_validator(mode="after")
    def _foreigners_can_find_the_bin(self) -> Self:
        if self.language == "ko" or self.jurisdiction.split("-")[0] != "kr":
            return self
        unnamed = [each.name for each in (self.stream, *self.other_bins) if each.korean is None]
        if unnamed:
            raise ValueError(f"bins in Korea need their Korean name: {', '.join(unnamed)}")
        return self


class Headings(Entry):
    """The words above the sections of a guide, in one language."""

    stream: Name
    other_bins: Name
    steps: Name
    conditions: Name
    parts: Name
    mistakes: Name
    instead: Name
    hazards: Name
    becomes: Name
    money: Name
    marks: Name
    contacts: Name
    differs_by_town: Name
    sources: Name
    checked: Name
    see_guide: Name
    severity: dict[Severity, Name]
    jurisdictions: dict[Slug, Name]


def _citations(value: object) -> Iterator[str]:
    if isinstance(value, tuple):
        for each in value:
            yield from _citations(each)
    elif isinstance(value, BaseModel):
        if isinstance(value, Cited):
            yield from value.sources
        for name in type(value).model_fields:
            yield from _citations(getattr(value, name))


def _refuse_repeats(what: str, ids: list[str]) -> None:
    repeated = sorted({each for each in ids if ids.count(each) > 1})
    if repeated:
        raise ValueError(f"{what} repeat an id: {', '.join(repeated)}")
