"""The one place that knows what Bunri says and does: a request in, a reply out, no platform in it.

Adapters turn their platform's event into a ``Request`` and show the ``Reply``; none of them decides anything.
"""

import asyncio
import logging
from typing import assert_never

from bots.actions import Action, ShowGuide, ShowLabels
from bots.cards import CardWriter
from bots.messages import Messages
from bots.regions import Region, nearest_region, regions
from bots.reply import Card, Reply
from bots.request import ButtonPressed, PhotosSent, Request, Resident
from guides import GuideBook, Language
from inference.engine import Inference
from inference.errors import DecodeError, InferenceError

_log = logging.getLogger(__name__)


class Conversation:
    """What a resident gets for what they send."""

    def __init__(self, inference: Inference, guides: GuideBook, messages: Messages) -> None:
        self._inference = inference
        self._guides = guides
        self._messages = messages

    async def reply(self, request: Request, resident: Resident) -> Reply:
        """Answer a request, in this order of cases.

        1. Photos: one card each, in the order sent. A photo that cannot be answered gets a card that says
           why, and the others are answered all the same.
        2. A pressed button: what it stands for.

        Never raises for what a resident did; an error that is not ``InferenceError`` is a fault of ours.
        """
        writer = CardWriter(self._messages.of(resident.language), self._guides, resident.region)
        match request:
            case PhotosSent(photos):
                cards = await asyncio.gather(*(self._photo(photo, writer) for photo in photos))
                return Reply(tuple(cards))
            case ButtonPressed(action):
                return Reply((_pressed(action, writer),))
            case _:
                assert_never(request)

    def regions(self, language: Language) -> tuple[Region, ...]:
        """The places that a resident can choose between, named in their language."""
        return regions(self._guides, self._messages.of(language))

    def region_near(self, wanted: str) -> str:
        """The id of one of them: the place wanted where it has guides, else the nearest that has."""
        return nearest_region(wanted, self._guides)

    async def _photo(self, photo: bytes | DecodeError, writer: CardWriter) -> Card:
        if isinstance(photo, DecodeError):
            return writer.problem(photo)
        try:
            return writer.photo(await self._inference.classify(photo))
        except DecodeError as error:
            return writer.problem(error)
        except InferenceError as error:
            _log.error("a photo was not answered: %s", error)
            return writer.problem(error)


def _pressed(action: Action, writer: CardWriter) -> Card:
    match action:
        case ShowGuide(label):
            return writer.guide(label)
        case ShowLabels():
            return writer.labels()
        case _:
            assert_never(action)
