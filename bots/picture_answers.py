"""``/generate``: pictures of a kind, made by AI and said to be so."""

import logging
import secrets
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from bots.actions import Draw
from bots.cards import CardWriter
from bots.messages import Messages
from bots.picture_labels import label_meant
from bots.picture_request import MOST, SEEDS, read_picture_request
from bots.query_writer import QueryWriter
from bots.reply import Button, Card, CardKind, Picture, Place, Reply
from bots.request import Resident
from db.database import Database
from db.errors import DatabaseError
from db.generated import Made
from guides import GuideBook
from inference.answer import MadePicture
from inference.errors import GenerationUnavailable, InferenceError, InferenceUnavailable
from inference.interface import Inference
from inference.labels import LABELS, Label
from inference.request_id import new_request_id, request_id

_log = logging.getLogger(__name__)

_AT_ONCE: Final = 2
"""Requests of one person that may be in the making: as many as the page sends side by side."""


class PictureAnswers:
    """Makes pictures where inference can."""

    def __init__(
        self,
        inference: Inference,
        guides: GuideBook,
        messages: Messages,
        queries: QueryWriter,
        memory: Database | None,
    ) -> None:
        self._memory = memory
        self._inference = inference
        self._guides = guides
        self._messages = messages
        self._queries = queries
        self._making: Counter[str] = Counter()

    async def reply(self, argument: str, resident: Resident, writer: CardWriter) -> Reply:
        """The answer to ``<label> [count] [seed]``: a label in any language, with a slip of the keys as well."""
        asked = read_picture_request(argument)
        label = label_meant(asked.words, resident.region, self._guides, self._messages)
        if label is None:
            await self._queries.asked("generate", resident, problem="unknown_label")
            return Reply((_which(writer),))
        if not asked.is_sound:
            await self._queries.asked("generate", resident, label=label, problem="bad_number")
            return Reply((_how_many(label, writer),))
        return await self.draw(label, resident, writer, count=asked.count, seed=asked.seed)

    async def draw(
        self, label: Label, resident: Resident, writer: CardWriter, *, count: int = 1, seed: int | None = None
    ) -> Reply:
        """So many pictures, 10 at most; of a new seed where none is given."""
        texts = writer.texts
        name = new_request_id()
        running = request_id.set(name)
        try:
            with self._place(resident):
                made = await self._inference.generate(
                    label, min(count, MOST), secrets.randbelow(SEEDS) if seed is None else seed
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

    async def example(self, label: Label, seed: int) -> MadePicture:
        """See ``Conversation.example``."""
        [made] = await self._inference.generate(label, 1, seed)
        await self._remember([made])
        return made

    async def _remember(self, made: Sequence[MadePicture]) -> None:
        """So that none of them is ever kept as a photo."""
        if self._memory is None:
            return
        try:
            await self._memory.generated.add([Made(each.label.value, each.seed, each.fingerprint) for each in made])
        except DatabaseError as error:
            _log.error("generated pictures were not noted: %s", error)

    @contextmanager
    def _place(self, resident: Resident) -> Iterator[None]:
        """A place for the length of one request.

        Raises:
            GenerationUnavailable: this person's earlier requests are still in the making.

        """
        key = resident.user_key
        if key and self._making[key] >= _AT_ONCE:
            raise GenerationUnavailable(is_busy=True)
        self._making[key] += 1
        try:
            yield
        finally:
            self._making[key] -= 1
            if not self._making[key]:
                del self._making[key]


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


def _how_many(label: Label, writer: CardWriter) -> Card:
    texts = writer.texts
    again = Button(texts("generate-one", label=writer.name(label)), Draw(label), label)
    detail = texts("generate-number.detail", count=MOST, seed=str(SEEDS - 1))
    return Card(CardKind.INFO, texts("generate-number"), detail, buttons=(again,))


def _picture(made: MadePicture, name: str, writer: CardWriter) -> Picture:
    caption = writer.texts("generated-caption", label=name, seed=str(made.seed))
    return Picture(made.png, f"{made.label.value}-{made.seed}.png", caption)
