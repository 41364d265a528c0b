"""Photos in, a card each out; logged, and kept where that is allowed."""

import asyncio
import logging
import time
from typing import Final

from bots.cards import CardWriter
from bots.photo_keeper import PhotoKeeper
from bots.picture_origin import Origin, PictureOrigins
from bots.platforms import Platform
from bots.query_writer import QueryWriter
from bots.reply import Card, CardKind, Reply
from bots.request import PhotosSent, Resident
from inference.answer import Classification
from inference.errors import DecodeError, InferenceError
from inference.interface import Inference

_log = logging.getLogger(__name__)

_CHATS: Final = frozenset({Platform.TELEGRAM, Platform.DISCORD})
"""Where ten whole guides in a row would bury the chat; a page has room for them."""


class PhotoAnswers:
    """Answers photos."""

    def __init__(
        self, inference: Inference, queries: QueryWriter, keeper: PhotoKeeper, origins: PictureOrigins
    ) -> None:
        self._inference = inference
        self._queries = queries
        self._keeper = keeper
        self._origins = origins

    async def reply(self, sent: PhotosSent, resident: Resident, writer: CardWriter) -> Reply:
        """A card for each photo in the order sent, and once in a resident's life the question of consent.

        A picture that AI made is answered and said to be one; it is never kept.
        """
        cards = await asyncio.gather(*(self._photo(photo, sent.fetch_ms, resident, writer) for photo in sent.photos))
        if len(cards) > 1 and resident.platform in _CHATS:
            cards = [writer.one_of_many(card, number) for number, card in enumerate(cards, start=1)]
        was_answered = any(card.kind in {CardKind.ANSWER, CardKind.ASK} for card in cards)
        if was_answered and await self._keeper.is_time_to_ask(resident):
            cards.append(self._keeper.question(writer.texts))
        return Reply(tuple(cards))

    async def _photo(self, photo: bytes | DecodeError, fetch_ms: float, resident: Resident, writer: CardWriter) -> Card:
        started = time.perf_counter()
        seen = photo if isinstance(photo, DecodeError) else await self._seen(photo)
        classify_ms = (time.perf_counter() - started) * 1000
        stages = {"fetch": fetch_ms, "classify": classify_ms, "total": fetch_ms + classify_ms}
        query = await self._queries.photo(seen, resident, stages)
        if isinstance(seen, InferenceError):
            return writer.problem(seen)
        assert isinstance(photo, bytes), "what was not taken was not seen"
        origin = await self._origins.of(photo, seen.fingerprint)
        if query and origin is Origin.CAMERA:
            self._keeper.keep(photo, query, resident)
        return writer.photo(seen, query, origin)

    async def _seen(self, photo: bytes) -> Classification | InferenceError:
        try:
            return await self._inference.classify(photo)
        except DecodeError as error:
            return error
        except InferenceError as error:
            _log.error("a photo was not answered: %s", error)
            return error
