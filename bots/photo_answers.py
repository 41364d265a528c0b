"""Photos in, a card each out; logged, and kept where that is allowed."""

import asyncio
import logging
import time
from dataclasses import dataclass
from typing import Final

from bots.cards import CardWriter
from bots.photo_keeper import PhotoKeeper
from bots.picture_origin import PictureOrigins
from bots.platforms import Platform
from bots.query_writer import QueryWriter
from bots.reply import Card, CardKind, Reply
from bots.request import PhotosSent, Resident
from inference.answer import Classification
from inference.errors import DecodeError, InferenceBusy, InferenceError, InferenceUnavailable
from inference.interface import Inference
from inference.request_id import new_request_id, request_id

_log = logging.getLogger(__name__)

_CHATS: Final = frozenset({Platform.TELEGRAM, Platform.DISCORD})
"""Where ten whole guides in a row would bury the chat; a page has room for them."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """A photo, what was seen in it, how long that took, and the name of the request for it; "" where there was none."""

    photo: bytes | DecodeError
    outcome: Classification | InferenceError
    classify_ms: float = 0.0
    request: str = ""

    @property
    def passes(self) -> bool:
        """Whether waiting mends what went wrong."""
        return isinstance(self.outcome, InferenceUnavailable | InferenceBusy)


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

        A picture that AI made is answered and said to be one; it is never kept. Photos that can wait are postponed
        together while nothing can look at one of them.
        """
        all_seen = await asyncio.gather(*map(self._seen, sent.photos))
        if sent.can_wait and any(seen.passes for seen in all_seen):
            return Reply((writer.postponed(),), is_postponed=True)
        cards = await asyncio.gather(*(self._card(seen, sent.fetch_ms, resident, writer) for seen in all_seen))
        if len(cards) > 1 and resident.platform in _CHATS:
            cards = [writer.one_of_many(card, number) for number, card in enumerate(cards, start=1)]
        was_answered = any(card.kind in {CardKind.ANSWER, CardKind.ASK} for card in cards)
        if was_answered and await self._keeper.is_time_to_ask(resident):
            cards.append(self._keeper.question(writer.texts))
        return Reply(tuple(cards))

    async def _card(self, seen: _Seen, fetch_ms: float, resident: Resident, writer: CardWriter) -> Card:
        outcome = seen.outcome
        stages = {"fetch": fetch_ms, "classify": seen.classify_ms, "total": fetch_ms + seen.classify_ms}
        query = await self._queries.photo(outcome, resident, stages)
        if seen.request:
            _log.info("query %s: request %s", query or "that was not logged", seen.request)
        if isinstance(outcome, InferenceError):
            return writer.problem(outcome)
        assert isinstance(seen.photo, bytes), "what was not taken was not seen"
        origin = await self._origins.of(seen.photo, outcome.fingerprint)
        if query:
            await self._keeper.keep(seen.photo, query, resident, origin)
        return writer.photo(outcome, query, origin)

    async def _seen(self, photo: bytes | DecodeError) -> _Seen:
        if isinstance(photo, DecodeError):
            return _Seen(photo, photo)
        name = new_request_id()
        # Each photo is looked at in a task of its own, and the name is that task's.
        request_id.set(name)
        started = time.perf_counter()
        outcome = await self._outcome(photo, name)
        return _Seen(photo, outcome, (time.perf_counter() - started) * 1000, name)

    async def _outcome(self, photo: bytes, name: str) -> Classification | InferenceError:
        try:
            return await self._inference.classify(photo)
        except DecodeError as error:
            return error
        except (InferenceUnavailable, InferenceBusy) as error:
            # Why is told to the operator by whoever asked the hosts, and not once a photo.
            _log.info("a photo was not answered: request %s: %s", name, error)
            return error
        except InferenceError as error:
            _log.error("a photo was not answered: request %s: %s", name, error)
            return error
