"""``/generate``: pictures of a kind, made by AI and said to be so."""

import logging
import re
import secrets
from collections.abc import Sequence
from typing import Final

from rapidfuzz import fuzz, process

from bots.actions import Draw
from bots.cards import CardWriter
from bots.query_writer import QueryWriter
from bots.reply import Button, Card, CardKind, Picture, Place, Reply
from bots.request import Resident
from db.database import Database
from db.errors import DatabaseError
from db.generated import Made
from guides import LANGUAGES, GuideBook
from inference.answer import MadePicture
from inference.errors import GenerationUnavailable, InferenceError, InferenceUnavailable
from inference.interface import Inference
from inference.labels import LABELS, Label
from inference.request_id import new_request_id, request_id

_log = logging.getLogger(__name__)

MOST: Final = 10
"""Pictures of one request: what a Telegram album holds."""

_SEEDS: Final = 2**31
_ASKED: Final = re.compile(r"(?P<words>.*?)(?:\s+(?P<count>\d{1,4}))?(?:\s+#?(?P<seed>\d{1,10}))?\s*", re.DOTALL)
_ALIKE: Final = 75.0
"""Least likeness, of 100, at which a misspelt label counts as meant."""


class PictureAnswers:
    """Makes pictures where inference can."""

    def __init__(self, inference: Inference, guides: GuideBook, queries: QueryWriter, memory: Database | None) -> None:
        self._memory = memory
        self._inference = inference
        self._guides = guides
        self._queries = queries

    async def reply(self, argument: str, resident: Resident, writer: CardWriter) -> Reply:
        """The answer to ``<label> [count] [seed]``: a label in any language, with a slip of the keys as well."""
        asked = _ASKED.fullmatch(argument.strip())
        words = asked["words"] if asked else ""
        label = self._label_of(words, resident.region, writer)
        if asked is None or label is None:
            await self._queries.asked("generate", resident, problem="unknown_label")
            return Reply((_which(writer),))
        seed = int(asked["seed"]) % _SEEDS if asked["seed"] else None
        return await self.draw(label, resident, writer, count=int(asked["count"] or 1), seed=seed)

    async def draw(
        self, label: Label, resident: Resident, writer: CardWriter, *, count: int = 1, seed: int | None = None
    ) -> Reply:
        """So many pictures, 10 at most; of a new seed where none is given."""
        texts = writer.texts
        name = new_request_id()
        running = request_id.set(name)
        try:
            made = await self._inference.generate(
                label, min(max(count, 1), MOST), secrets.randbelow(_SEEDS) if seed is None else seed
            )
        except InferenceError as error:
            _log.info("pictures were not made: request %s: %s", name, error)
            await self._queries.asked("generate", resident, label=label, problem="unavailable")
            key = _why_not(error)
            card = Card(CardKind.INFO, texts(key), texts(f"{key}.detail"), buttons=(writer.guide_button(label),))
            return Reply((card,))
        finally:
            request_id.reset(running)
        await self._remember(made)
        query = await self._queries.asked("generate", resident, label=label)
        _log.info("query %s: request %s", query or "that was not logged", name)
        name = writer.name(label)
        card = Card(
            CardKind.PICTURES,
            texts("generated", label=name),
            texts("generated.detail"),
            notices=(texts("generate-most", count=MOST),) if count > MOST else (),
            buttons=(Button(texts("generate-again"), Draw(label)), writer.guide_button(label)),
        )
        pictures = tuple(_picture(each, name, writer) for each in made)
        return Reply((card,), Place.KEEP_BUTTONS, pictures=pictures)

    async def _remember(self, made: Sequence[MadePicture]) -> None:
        """So that none of them is ever kept as a photo."""
        if self._memory is None:
            return
        try:
            await self._memory.generated.add([Made(each.label.value, each.seed, each.fingerprint) for each in made])
        except DatabaseError as error:
            _log.error("generated pictures were not noted: %s", error)

    def _label_of(self, words: str, region: str, writer: CardWriter) -> Label | None:
        if not words:
            return None
        named = self._guides.label_named(words, region)
        if named is not None:
            return Label(named)
        names = {
            called: label
            for label in LABELS
            for called in (
                label.value,
                writer.name(label),
                *(self._guides.find(label.value, region, each).title for each in LANGUAGES),
            )
        }
        found = process.extractOne(
            words.casefold(), tuple(names), processor=str.casefold, scorer=fuzz.ratio, score_cutoff=_ALIKE
        )
        return None if found is None else names[found[0]]


def _why_not(error: InferenceError) -> str:
    if isinstance(error, GenerationUnavailable):
        return "generate-busy" if error.is_busy else "generate-later"
    return "generate-down" if isinstance(error, InferenceUnavailable) else "generate-later"


def _which(writer: CardWriter) -> Card:
    texts = writer.texts
    names = ", ".join(writer.name(label) for label in LABELS)
    return Card(
        CardKind.INFO,
        texts("generate-which"),
        texts("generate-which.detail", labels=names),
        buttons=tuple(Button(writer.name(label), Draw(label), label) for label in LABELS),
    )


def _picture(made: MadePicture, name: str, writer: CardWriter) -> Picture:
    caption = writer.texts("generated-caption", label=name, seed=str(made.seed))
    return Picture(made.png, f"{made.label.value}-{made.seed}.png", caption)
