"""Bunri in Telegram, from start to stop. Signals are the business of the process around it."""

import asyncio
import logging
import secrets
import time
from collections.abc import Awaitable, Callable
from typing import Final

from telegram.error import BadRequest, InvalidToken, NetworkError, RetryAfter, TelegramError
from telegram.ext import AIORateLimiter, ExtBot

from bots.conversation import Conversation
from bots.intake import Intake
from bots.messages import Messages
from bots.platforms import Platform
from bots.refusal import PlatformRefused
from bots.telegram.aiohttp_request import AiohttpRequest
from bots.telegram.answering import Answering
from bots.telegram.files import TelegramPhotos
from bots.telegram.incoming import ALLOWED_UPDATES, Me
from bots.telegram.menu import set_menu_if_changed
from bots.telegram.options import TelegramOptions
from bots.telegram.polling import Poller
from bots.telegram.reception import Reception
from bots.telegram.webhook import WebhookServer
from db.database import Database

_log = logging.getLogger(__name__)

_LONGEST_RETRY_S: Final = 60.0
_SILENCE_S: Final = 60.0
"""So much longer than a poll may take, updates may fail to come before the poller counts as dead."""

_WEBHOOK_CONNECTIONS: Final = 40
_RETRIES: Final = 3


class TelegramRefused(PlatformRefused):
    """Telegram will not have this bot until somebody changes something; ``str(error)`` says what, in one sentence."""


class TelegramAdapter:
    """Answers in Telegram between ``start`` and ``stop``."""

    def __init__(
        self,
        options: TelegramOptions,
        conversation: Conversation,
        messages: Messages,
        database: Database,
        *,
        wait_s: float = 1.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Connect nothing yet.

        Args:
            options: what the operator decided.
            conversation: what Bunri says.
            messages: the words of Telegram's command lists.
            database: its inbox makes updates durable, its notes remember which commands were listed.
            wait_s: scales the waits after failures; 1.0 in service.
            clock: seconds, never going back; ``is_alive`` is asked with the same one.

        """
        self._options = options
        self._messages = messages
        self._database = database
        self._wait_s = wait_s
        self._clock = clock
        # One at a time, evenly spaced: in a burst, more answers would lie between Telegram's receipt and our mark in
        # the inbox, and a process that dies then gives each of them a second time.
        limiter = AIORateLimiter(
            overall_max_rate=1,
            overall_time_period=1 / options.messages_per_second,
            group_max_rate=options.messages_per_group_minute,
            max_retries=_RETRIES,
        )
        # One connection for each answer that is worked on, and room for its photos' downloads beside.
        self._bot: ExtBot[int] = ExtBot(
            options.token,
            base_url=options.base_url,
            base_file_url=options.base_file_url,
            request=AiohttpRequest(connections=4 * options.workers),
            get_updates_request=AiohttpRequest(connections=2),
            rate_limiter=limiter,
        )
        photos = TelegramPhotos(self._bot, limit=options.max_photo_bytes)
        answering = Answering(self._bot, conversation, photos, retry_s=options.retry_s)
        self._intake = Intake(
            database.inbox,
            Platform.TELEGRAM.value,
            answering,
            workers=options.workers,
            queue_limit=options.queue_limit,
            album_quiet_s=options.album_quiet_s,
            retry_s=options.retry_s,
            postpone_s=options.postpone_s,
        )
        self._reception = Reception(self._intake, database.secret, group_photos=options.group_photos)
        self._poller: Poller | None = None
        self._webhook: WebhookServer | None = None
        self._task: asyncio.Task[None] | None = None
        self._first_try = asyncio.Event()

    @property
    def webhook_port(self) -> int | None:
        """Where it listens for updates, if it does."""
        return None if self._webhook is None else self._webhook.port

    async def start(self) -> None:
        """Log in, take up what is unfinished, and begin to receive.

        Returns too when Telegram cannot be reached: it is then tried again until ``stop``.

        Raises:
            TelegramRefused: the token is wrong.
            OSError: the webhook's address cannot be used.

        """
        self._task = asyncio.create_task(self._receive(), name="telegram")
        first = asyncio.create_task(self._first_try.wait(), name="telegram-first-try")
        await asyncio.wait({self._task, first}, return_when=asyncio.FIRST_COMPLETED)
        first.cancel()
        if self._task.done():
            await self._task

    async def run(self) -> None:
        """Wait until ``stop`` is called.

        Raises:
            TelegramRefused: the token was revoked.

        """
        if self._task is not None:
            try:
                await asyncio.shield(self._task)
            except asyncio.CancelledError:
                if not self._task.cancelled():
                    raise

    async def stop(self, seconds: float = 10.0) -> None:
        """Take no more, finish what is being answered for at most so many seconds, close. The rest is kept."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})
        if self._webhook is not None:
            await self._webhook.stop()
        await self._intake.drain(seconds)
        await self._intake.close()
        await self._bot.shutdown()

    def is_alive(self, now: float) -> bool:
        """Whether updates come in, or could; ``now`` by the clock given."""
        if self._task is None or self._task.done():
            return False
        if self._webhook is not None:
            return True
        if self._poller is None:
            return False
        return self._reception.is_full or now - self._poller.last_success < self._options.poll_seconds + _SILENCE_S

    async def _receive(self) -> None:
        try:
            me = await self._logged_in()
            await self._intake.start()
            await set_menu_if_changed(self._bot, self._messages, self._database.notes)
            if self._options.webhook_url is None:
                await self._until_reached(lambda: self._bot.delete_webhook(drop_pending_updates=False))
                self._poller = Poller(
                    self._bot,
                    self._reception,
                    me,
                    seconds=self._options.poll_seconds,
                    wait_s=self._wait_s,
                    clock=self._clock,
                )
                self._first_try.set()
                await self._poller.run()
            else:
                await self._listen(self._options.webhook_url, me)
                self._first_try.set()
                await asyncio.Event().wait()
        except InvalidToken:
            raise TelegramRefused(
                "Telegram does not know this token: copy it again from @BotFather (/token) into BUNRI_TELEGRAM__TOKEN"
            ) from None

    async def _logged_in(self) -> Me:
        await self._until_reached(self._bot.initialize)
        user = self._bot.bot
        sees_all = bool(user.can_read_all_group_messages)
        _log.info("logged in to Telegram; privacy mode in groups is %s", "off" if sees_all else "on")
        return Me(user.id, user.username or "", sees_all)

    async def _listen(self, url: str, me: Me) -> None:
        secret = self._options.webhook_secret or secrets.token_urlsafe(32)
        self._webhook = WebhookServer(
            self._bot,
            self._reception,
            me,
            url=url,
            secret=secret,
            host=self._options.webhook_host,
            port=self._options.webhook_port,
        )
        await self._webhook.start()
        await self._until_reached(
            lambda: self._bot.set_webhook(
                url, allowed_updates=ALLOWED_UPDATES, secret_token=secret, max_connections=_WEBHOOK_CONNECTIONS
            )
        )

    async def _until_reached(self, call: Callable[[], Awaitable[object]]) -> None:
        """Call until it succeeds; InvalidToken and what else no waiting mends is raised."""
        wait = 1.0
        while True:
            try:
                await call()
                return
            except InvalidToken:
                raise
            except BadRequest as error:
                # A NetworkError to python-telegram-bot, but no waiting mends it: a webhook address it will not have.
                raise TelegramRefused(f"Telegram refused to start the bot: {error.message}") from None
            except (NetworkError, RetryAfter) as error:
                _log.warning("Telegram cannot be reached (%s); trying again", type(error).__name__)
                self._first_try.set()
            except TelegramError as error:
                raise TelegramRefused(f"Telegram refused to start the bot: {error.message}") from None
            await asyncio.sleep(wait * self._wait_s)
            wait = min(2 * wait, _LONGEST_RETRY_S)
