"""What Bunri says, in the resident's words but in no platform's format. Shown in the order written here."""

from dataclasses import dataclass
from enum import StrEnum

from bots.actions import Action
from bots.reply_sections import SectionKind
from inference.labels import Label


class Tone(StrEnum):
    """How a banner is meant."""

    DANGER = "danger"
    WARNING = "warning"
    CAUTION = "caution"


class CardKind(StrEnum):
    """What a card is about."""

    ANSWER = "answer"
    ASK = "ask"
    NOT_WASTE = "not_waste"
    GUIDE = "guide"
    LABELS = "labels"
    PROBLEM = "problem"
    THING = "thing"
    SEARCH = "search"
    CONDITION = "condition"
    THANKS = "thanks"
    INFO = "info"
    SETTINGS = "settings"
    CONSENT = "consent"
    CONFIRM = "confirm"
    PICTURES = "pictures"


@dataclass(frozen=True, slots=True)
class Button:
    """Something to press: its words and what it does. ``label`` is the label it stands for, if any."""

    text: str
    action: Action
    label: Label | None = None


@dataclass(frozen=True, slots=True)
class Banner:
    """A warning that is shown before anything else."""

    tone: Tone
    title: str
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Score:
    """A label, its name, and its calibrated probability in [0, 1]."""

    label: Label
    name: str
    p: float


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of a section: a sentence, perhaps under a term, with a note, leading to another guide."""

    text: str
    term: str = ""
    note: str = ""
    tone: Tone | None = None
    button: Button | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a guide under its heading; ``id`` tells apart several of one kind: the id of a condition."""

    kind: SectionKind
    heading: str
    items: tuple[Item, ...]
    id: str = ""


@dataclass(frozen=True, slots=True)
class GuidePage:
    """How to dispose of one kind of thing.

    Attributes:
        label: the kind.
        title: what people call it.
        place: whose rules these are.
        place_note: where these are nobody's rules but general advice: that the reader's own town decides.
        summary: the answer in one sentence.
        stream_heading: the words above ``stream``.
        stream: where it usually goes.
        stream_note: that place's name in Korean, for readers of another language in Korea.
        sections: the rest, in reading order.

    """

    label: Label
    title: str
    place: str
    place_note: str
    summary: str
    stream_heading: str
    stream: str
    stream_note: str
    sections: tuple[Section, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """The answer to one photo, one press, one command or one text.

    Attributes:
        kind: what the card is about.
        headline: the answer in a few words.
        detail: one more sentence: how sure Bunri is, what to do about a problem.
        paragraphs: more sentences, each one its own paragraph (help, privacy, what is stored).
        banners: warnings; they come before the headline.
        scores: the likeliest labels by falling probability; empty where no photo was classified.
        caution: that AI may be wrong, where it may well be.
        notices: remarks on the photo itself.
        guide: how to dispose of it, where the kind is known.
        buttons: what can be pressed next.
        tips_title: the words above ``tips``.
        tips: how to take a better photo.
        receipt: the id of the logged query, by which a resident can refer to it; "" where none was logged.

    """

    kind: CardKind
    headline: str
    detail: str = ""
    paragraphs: tuple[str, ...] = ()
    banners: tuple[Banner, ...] = ()
    scores: tuple[Score, ...] = ()
    caution: str = ""
    notices: tuple[str, ...] = ()
    guide: GuidePage | None = None
    buttons: tuple[Button, ...] = ()
    tips_title: str = ""
    tips: tuple[str, ...] = ()
    receipt: str = ""


class Place(StrEnum):
    """Where a reply goes. An adapter that cannot do it answers with a new message."""

    NEW = "new"
    """A message of its own."""
    EDIT = "edit"
    """Instead of the message whose button was pressed, buttons included."""
    KEEP_BUTTONS = "keep_buttons"
    """Below that message, which stays as it is."""


@dataclass(frozen=True, slots=True)
class Picture:
    """An image that Bunri sends.

    Attributes:
        content: the encoded file.
        name: its file name, such as ``paper-1.png``.
        caption: what it is, and that it is AI-generated where it is.

    """

    content: bytes
    name: str
    caption: str


@dataclass(frozen=True, slots=True)
class Reply:
    """Everything Bunri says to one request.

    Attributes:
        cards: one for each photo, in order, or one for anything else; perhaps one more behind them (the
            question whether photos may be kept). None at all means: say nothing.
        place: where they go.
        is_private: to be shown to the one who asked only, where the platform can (Discord: ephemeral); else,
            in a group, not what is private but a hint to ask in a private chat: the conversation sees to it.
        toast: a few words for platforms that show some when a button is pressed; at most 200 characters.
        pictures: images, behind the cards.
        is_postponed: this is no answer yet, only word of a wait: the adapter, which said that it can, asks again
            later. It says so once.

    """

    cards: tuple[Card, ...]
    place: Place = Place.NEW
    is_private: bool = False
    toast: str = ""
    pictures: tuple[Picture, ...] = ()
    is_postponed: bool = False
