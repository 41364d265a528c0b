"""Photos of one request, answered one at a time as they come in."""

import asyncio
import logging
from collections.abc import AsyncIterable
from typing import Final

from bots.conversation import Conversation
from bots.reply import Card
from bots.request import PhotosSent, Resident
from bots.web.errors import Refusal, RequestRefusedError
from inference.errors import DecodeError

_log = logging.getLogger(__name__)

_A_WHILE: Final = 10.0
"""Seconds after which somebody whom the conversation has fallen silent to may well be answered again."""


async def cards_for(
    photos: AsyncIterable[bytes | DecodeError], resident: Resident, conversation: Conversation
) -> list[Card]:
    """A card for each photo, in order; behind them whatever else there is to say (the question of consent).

    Raises:
        RequestRefusedError: the conversation says nothing more to this resident for now: it was too much.

    """
    loop = asyncio.get_running_loop()
    cards: list[Card] = []
    others: list[Card] = []
    async for photo in photos:
        started = loop.time()
        reply = await conversation.reply(PhotosSent((photo,)), resident)
        if not reply.cards:
            raise RequestRefusedError(Refusal.TOO_OFTEN, retry_after=_A_WHILE, unread=True)
        _log.info("photo: %s in %.0f ms", reply.cards[0].kind.value, (loop.time() - started) * 1000)
        cards.append(reply.cards[0])
        others += reply.cards[1:]
    return cards + others
