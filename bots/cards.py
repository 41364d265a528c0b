"""A classification, an error or a press -> the card that the resident reads. No I/O, no inference."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from bots.actions import Pick, SayRight, SayUnanswerable, SayWrong, ShowGuide, ShowLabels, Unanswerable
from bots.guide_page import guide_page
from bots.messages import Texts
from bots.picture_origin import Origin
from bots.problem_words import problem_words
from bots.reply import Banner, Button, Card, CardKind, GuidePage, Score, Tone
from guides import Guide, GuideBook, GuideMissing
from guides.schema import Condition
from inference.answer import Classification, Decision, Hazard
from inference.errors import InferenceError
from inference.labels import LABELS, Label

SURENESS: Final = ((0.95, "sureness-certain"), (0.75, "sureness-likely"), (0.0, "sureness-unsure"))
"""From this calibrated probability on, these words."""

UNSURE_BELOW: Final = 0.9
"""Below this probability one answer in ten or more is wrong, so the card says that AI may be."""

_RUNNERS_UP: Final = 2
_WORTH_SHOWING: Final = 0.01

_HAZARD_LABEL: Final = {Hazard.BATTERY: Label.BATTERY}
_MADE: Final = frozenset({Origin.BUNRI, Origin.AI})
_RETAKE: Final = ("retake-close", "retake-light", "retake-side")


class CardWriter:
    """Writes cards in one language, with the rules of one place."""

    def __init__(self, texts: Texts, guides: GuideBook, region: str) -> None:
        self.texts: Final = texts
        self._texts = texts
        self._guides = guides
        self._headings = guides.headings(texts.language)
        self._region = region

    def photo(self, seen: Classification, query: str = "", origin: Origin = Origin.CAMERA) -> Card:
        """The card of a classified photo: hazards first, then the answer, a question, or how to retake it.

        ``query`` is the id under which it is logged; without one the buttons ask for no opinion, as none is kept.
        """
        card = self._photo(seen, query)
        if origin not in _MADE:
            return card
        return replace(card, notices=(self._texts(f"notice-made-by-{origin.value}"), *card.notices))

    def _photo(self, seen: Classification, query: str) -> Card:
        match seen.decision:
            case Decision.ANSWER:
                return self._answer(seen, query)
            case Decision.ASK:
                return self._question(seen, query)
            case Decision.NOT_WASTE:
                return self._not_waste(seen, query)

    def one_of_many(self, card: Card, number: int) -> Card:
        """The short form of a photo's card where a chat gets several at once: the guide is behind a button.

        ``number`` counts from 1, in the order sent; it stands on the buttons as well.
        """
        page = card.guide
        where = () if page is None else (self._texts("album-stream", stream=page.stream),)
        more = () if page is None else (self.guide_button(page.label),)
        kept = tuple(each for each in card.buttons if not isinstance(each.action, SayRight | ShowLabels))
        numbered = tuple(
            Button(self._texts("album-button", number=number, text=each.text), each.action, each.label)
            for each in (*more, *kept)
        )
        return replace(
            card,
            headline=self._texts("album-headline", number=number, text=card.headline),
            paragraphs=where,
            guide=None,
            buttons=numbered,
            tips_title="",
            tips=(),
        )

    def problem(self, error: InferenceError) -> Card:
        """The card of a photo that could not be looked at."""
        headline, remedy = problem_words(error, self._texts)
        choose = Button(self._texts("not-waste-choose"), ShowLabels())
        return Card(CardKind.PROBLEM, headline, remedy, buttons=(choose,))

    def postponed(self) -> Card:
        """The card of photos that are answered later, without being sent again."""
        choose = Button(self._texts("not-waste-choose"), ShowLabels())
        headline, remedy = self._texts("problem-unavailable"), self._texts("problem-postponed")
        return Card(CardKind.PROBLEM, headline, remedy, buttons=(choose,))

    def guide(self, label: Label) -> Card:
        """The guide of one kind, its hazards among its sections."""
        page = self._page(label)
        detail = "" if page else self._texts("guide-missing")
        return Card(CardKind.GUIDE, self._name(label), detail, guide=page)

    def guide_button(self, label: Label) -> Button:
        """Leads to the guide of this kind."""
        return Button(self._texts("album-guide", name=self._name(label)), ShowGuide(label), label)

    def condition(self, label: Label, name: str) -> Condition | None:
        """The question of this id in the guide of this kind; None where there is none here."""
        guide = self._find(label)
        conditions = () if guide is None else guide.conditions
        return next((each for each in conditions if each.id == name), None)

    def name(self, label: Label) -> str:
        """What the reader calls it."""
        return self._name(label)

    def labels(self) -> Card:
        """All twelve kinds to choose from, and how to take a better photo."""
        return Card(
            CardKind.LABELS,
            self._texts("labels-headline"),
            self._texts("labels-detail"),
            buttons=self._choices(LABELS),
            tips_title=self._texts("retake-title"),
            tips=self._tips(),
        )

    def _answer(self, seen: Classification, query: str) -> Card:
        banner_says_it = Hazard.BATTERY in seen.hazards and seen.label is Label.BATTERY
        page = self._page(seen.label, with_hazards=not banner_says_it)
        return Card(
            CardKind.ANSWER,
            self._name(seen.label),
            self._sureness(seen.confidence),
            banners=self._banners(seen),
            scores=self._scores(seen),
            caution=self._texts("caution-unsure") if seen.confidence < UNSURE_BELOW else "",
            notices=self._notices(seen) if page else (*self._notices(seen), self._texts("guide-missing")),
            guide=page,
            buttons=self._opinions(query),
            receipt=query,
        )

    def _question(self, seen: Classification, query: str) -> Card:
        return Card(
            CardKind.ASK,
            self._texts("ask-headline"),
            self._texts("ask-detail"),
            banners=self._banners(seen),
            scores=self._scores(seen),
            caution=self._texts("caution-unsure"),
            notices=self._notices(seen),
            buttons=(*self._picks(seen.candidates, query), *self._none_fits(query)),
            receipt=query,
        )

    def _not_waste(self, seen: Classification, query: str) -> Card:
        return Card(
            CardKind.NOT_WASTE,
            self._texts("not-waste-headline"),
            self._texts("not-waste-detail"),
            banners=self._banners(seen),
            notices=self._notices(seen),
            buttons=(Button(self._texts("not-waste-choose"), SayWrong(query) if query else ShowLabels()),),
            tips_title=self._texts("retake-title"),
            tips=self._tips(),
            receipt=query,
        )

    def _opinions(self, query: str) -> tuple[Button, ...]:
        if not query:
            return (Button(self._texts("answer-other"), ShowLabels()),)
        return (
            Button(self._texts("answer-right"), SayRight(query)),
            Button(self._texts("answer-other"), SayWrong(query)),
        )

    def _picks(self, labels: Iterable[Label], query: str) -> tuple[Button, ...]:
        if not query:
            return self._choices(labels)
        return tuple(Button(self._name(label), Pick(query, label), label) for label in labels)

    def _none_fits(self, query: str) -> tuple[Button, ...]:
        if not query:
            return (Button(self._texts("ask-none"), ShowLabels()),)
        return tuple(
            Button(self._texts(f"ask-{reason.value}"), SayUnanswerable(query, reason)) for reason in Unanswerable
        )

    def _banners(self, seen: Classification) -> tuple[Banner, ...]:
        return tuple(self._banner(hazard, seen) for hazard in seen.hazards)

    def _banner(self, hazard: Hazard, seen: Classification) -> Banner:
        label = _HAZARD_LABEL[hazard]
        is_likeliest = seen.label is label
        title = self._texts(f"hazard-{hazard.value}-{'is' if is_likeliest else 'may'}")
        guide = self._find(label)
        if guide is None:
            return Banner(Tone.DANGER, title)
        if is_likeliest and seen.decision is Decision.ANSWER:
            # This very guide follows, without its hazards: they are all said here.
            return Banner(Tone.DANGER, title, tuple(each.text for each in guide.hazards))
        return Banner(Tone.DANGER, title, (guide.summary, *(each.text for each in guide.hazards[:1])))

    def _scores(self, seen: Classification) -> tuple[Score, ...]:
        first, *others = seen.top
        shown = (first, *(each for each in others[:_RUNNERS_UP] if each.p >= _WORTH_SHOWING))
        return tuple(Score(each.label, self._name(each.label), each.p) for each in shown)

    def _sureness(self, confidence: float) -> str:
        return self._texts(next(key for least, key in SURENESS if confidence >= least))

    def _notices(self, seen: Classification) -> tuple[str, ...]:
        return tuple(self._texts(f"notice-{notice.value}") for notice in seen.notices)

    def _choices(self, labels: Iterable[Label]) -> tuple[Button, ...]:
        return tuple(Button(self._name(label), ShowGuide(label), label) for label in labels)

    def _tips(self) -> tuple[str, ...]:
        return tuple(self._texts(key) for key in _RETAKE)

    def _name(self, label: Label) -> str:
        return self._texts(f"label-{label.value}")

    def _find(self, label: Label) -> Guide | None:
        try:
            return self._guides.find(label.value, self._region, self._texts.language)
        except GuideMissing:
            return None

    def _page(self, label: Label, *, with_hazards: bool = True) -> GuidePage | None:
        guide = self._find(label)
        if guide is None:
            return None
        return guide_page(guide, self._headings, self._texts, with_hazards=with_hazards)
