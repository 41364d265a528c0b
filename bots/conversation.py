"""The one place that knows what Bunri says and does: a request in, a reply out, no platform in it.

Adapters turn their platform's event into a ``Request`` and show the ``Reply``; none of them decides anything.
"""

import logging
import time
from collections.abc import Callable
from typing import assert_never

from bots.button_answers import ButtonAnswers
from bots.cards import CardWriter
from bots.command_answers import CommandAnswers
from bots.conversation_options import ConversationOptions
from bots.flood import Flood
from bots.keeping import Vault
from bots.language import known_language
from bots.messages import Messages, Texts
from bots.photo_answers import PhotoAnswers
from bots.photo_keeper import PhotoKeeper
from bots.picture_answers import PictureAnswers
from bots.picture_origin import PictureOrigins
from bots.query_writer import QueryWriter
from bots.regions import Region, nearest_region, regions
from bots.reply import Card, CardKind, Reply
from bots.request import ButtonPressed, CommandSent, PhotosSent, Request, Resident, Sender, TextSent
from bots.thing_answers import ThingAnswers
from db.database import Database
from db.errors import DatabaseError
from db.residents import Preferences
from guides import GuideBook, Language
from guides.things import ThingIndex
from inference.answer import MadePicture
from inference.interface import Inference
from inference.labels import Label

_log = logging.getLogger(__name__)


class Conversation:
    """What a resident gets for what they send."""

    def __init__(
        self,
        inference: Inference,
        guides: GuideBook,
        messages: Messages,
        *,
        things: ThingIndex | None = None,
        memory: Database | None = None,
        options: ConversationOptions | None = None,
        vault: Vault | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Put it together.

        Args:
            inference: what looks at photos and makes pictures.
            guides: the disposal guides, loaded.
            messages: the words, loaded.
            things: the index of everyday things; none is known without it.
            memory: the database, migrated; without it nothing is logged or remembered, and nobody is asked.
            options: what the operator set.
            vault: where photos are kept with consent; without it none is, and nobody is asked.
            clock: seconds, never going back, by which one who sends too much waits.

        """
        self._options = options or ConversationOptions()
        self._guides = guides
        self._messages = messages
        self._memory = memory
        self._flood = Flood(self._options.per_user_per_minute, self._options.per_chat_per_minute, clock=clock)
        self._keeper = PhotoKeeper(vault, memory, self._options)
        queries = QueryWriter(memory)
        self._photos = PhotoAnswers(inference, queries, self._keeper, PictureOrigins(memory))
        self._things = ThingAnswers(guides, things or ThingIndex([]), queries)
        self._pictures = pictures = PictureAnswers(inference, guides, messages, queries, memory)
        self._commands = CommandAnswers(guides, messages, memory, self._options, self._keeper, self._things, pictures)
        self._buttons = ButtonAnswers(memory, self._commands, self._things, pictures)

    async def resident(self, sender: Sender) -> Resident:
        """For whom to write: chosen in the adapter, else remembered, else the platform's word, else the setting."""
        user_key = chat_key = ""
        remembered = Preferences()
        if self._memory is not None and sender.user:
            user_key = self._memory.secret.user_key(sender.platform.value, sender.user)
            chat_key = self._memory.secret.user_key(f"{sender.platform.value}-chat", sender.chat or sender.user)
            if sender.language is None or sender.region is None:
                remembered = await self._remembered(user_key)
        return Resident(
            language=sender.language or known_language(remembered.language) or self._language_of(sender.locale),
            region=self.region_near(sender.region or remembered.region or self._options.region),
            platform=sender.platform,
            user_key=user_key,
            chat_key=chat_key,
            is_private=sender.is_private,
        )

    async def reply(self, request: Request, resident: Resident) -> Reply:
        """Answer a request, in this order of cases.

        1. Somebody who sends too much is told so once, and is then not answered until it is less.
        2. Photos: one card each, in the order sent. A photo that cannot be answered gets a card that says
           why, and the others are answered all the same.
        3. A pressed button: what it stands for.
        4. A command.
        5. Other words: the thing that they name.

        A reply without cards, pictures and toast means: say nothing. Never raises for what a resident did; an
        error that is neither ``InferenceError`` nor ``DatabaseError`` is a fault of ours.
        """
        wait = self._flood.wait_of(request, resident)
        if wait:
            return self._too_much(wait, resident)
        writer = self._writer(resident)
        try:
            match request:
                case PhotosSent():
                    return await self._photos.reply(request, resident, writer)
                case ButtonPressed(action):
                    return await self._buttons.reply(action, resident, writer)
                case CommandSent():
                    return await self._commands.reply(request, resident, writer)
                case TextSent(text):
                    return await self._things.reply(text, resident, writer)
                case _:
                    assert_never(request)
        except DatabaseError as error:
            _log.error("a request was not answered: %s", error)
            return self.failed(resident)

    async def example(self, label: Label, seed: int) -> MadePicture:
        """A picture that nobody asked for, to be shown as an example; known again as any other.

        Raises:
            InferenceError: it was not made.

        """
        return await self._pictures.example(label, seed)

    def busy(self, resident: Resident) -> Reply:
        """What an adapter says whose queue is full."""
        return self._notice("busy", resident)

    def failed(self, resident: Resident) -> Reply:
        """What an adapter says that could not answer in the end: the photo could not be fetched, say."""
        return self._notice("failed", resident)

    def how_to_classify(self, resident: Resident) -> Reply:
        """What an adapter says to ``/classify`` without a photo, or to something that is no photo."""
        return self._notice("classify-how", resident, CardKind.INFO)

    def texts(self, language: Language) -> Texts:
        """The messages in one language, for adapters' menus and layouts."""
        return self._messages.of(language)

    def regions(self, language: Language) -> tuple[Region, ...]:
        """The places that a resident can choose between, named in their language."""
        return regions(self._guides, self._messages.of(language))

    def region_near(self, wanted: str) -> str:
        """The id of one of them: the place wanted where it has guides, else the nearest that has."""
        return nearest_region(wanted, self._guides)

    async def close(self) -> None:
        """Wait until the photos that are being kept are kept, for some seconds at most. Idempotent."""
        await self._keeper.close()

    async def _remembered(self, user_key: str) -> Preferences:
        assert self._memory is not None
        try:
            return await self._memory.residents.get(user_key)
        except DatabaseError as error:
            _log.error("preferences cannot be read: %s", error)
            return Preferences()

    def _language_of(self, locale: str | None) -> Language:
        if not locale:
            return self._options.language
        return known_language(locale) or "en"

    def _writer(self, resident: Resident) -> CardWriter:
        return CardWriter(self._messages.of(resident.language), self._guides, resident.region)

    def _too_much(self, wait: int, resident: Resident) -> Reply:
        if not self._flood.is_first_word_to(resident):
            return Reply(())
        texts = self._messages.of(resident.language)
        return Reply((Card(CardKind.PROBLEM, texts("flood"), texts("flood.help", seconds=wait)),), is_private=True)

    def _notice(self, key: str, resident: Resident, kind: CardKind = CardKind.PROBLEM) -> Reply:
        texts = self._messages.of(resident.language)
        return Reply((Card(kind, texts(key), texts(f"{key}.help")),))
