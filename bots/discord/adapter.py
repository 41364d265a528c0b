"""Bunri in Discord, from start to stop. Signals are the business of the process around it."""

import asyncio
import logging
import random
import time
from collections.abc import Callable
from typing import Final

import aiohttp
import discord

from bots.conversation import Conversation
from bots.discord import payload
from bots.discord.answering import Answering
from bots.discord.client import BunriClient, Connection, ShardedBunriClient
from bots.discord.files import FetchedPhotos, Photos
from bots.discord.options import DiscordOptions
from bots.discord.reception import Reception
from bots.discord.suggestions import Suggestions
from bots.discord.sync import sync_if_changed
from bots.intake import Intake
from bots.messages import Messages
from bots.platforms import Platform
from bots.refusal import PlatformRefused
from db.database import Database
from db.errors import DatabaseError
from db.inbox import Arrival
from guides.things import ThingIndex

_log = logging.getLogger(__name__)

_AUTHENTICATION_FAILED: Final = 4004
"""A close code of the gateway (Discord, opcodes and status codes)."""

_LONGEST_RETRY_SECONDS: Final = 60.0


class DiscordRefused(PlatformRefused):
    """Discord will not have this bot until somebody changes something; ``str(error)`` says what, in one sentence."""


class DiscordAdapter:
    """Answers in Discord between ``start`` and ``stop``."""

    def __init__(
        self,
        options: DiscordOptions,
        conversation: Conversation,
        messages: Messages,
        things: ThingIndex,
        database: Database,
        *,
        retry_seconds: float = 5.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Connect nothing yet.

        Args:
            options: what the operator decided.
            conversation: what Bunri says.
            messages: the words of Discord's command lists.
            things: what is offered while somebody types.
            database: its inbox makes events durable, its notes remember which commands were registered.
            retry_seconds: wait after the first failed connection, doubled up to a minute.
            clock: seconds, never going back; ``is_alive`` is asked with the same one.

        """
        self._options = options
        self._conversation = conversation
        self._messages = messages
        self._database = database
        self._retry_seconds = retry_seconds
        self._connection = Connection(clock)
        self._photos: FetchedPhotos | None = None
        self._client: BunriClient | None = None
        self._task: asyncio.Task[None] | None = None
        self._first_try = asyncio.Event()
        self._is_taken_up = False
        self._is_stopping = False
        self._reception = Reception(options, Suggestions(conversation, things), self._take)
        self._answering = Answering(lambda: self.client, conversation, lambda: self.photos)
        self._intake = Intake(
            database.inbox,
            Platform.DISCORD,
            self._answering,
            workers=options.workers,
            queue_limit=options.queue_limit,
            postpone_s=options.postpone_s,
        )

    @property
    def client(self) -> BunriClient:
        """The client of discord.py. Another one takes its place when Discord could not be reached."""
        if self._client is None:
            raise RuntimeError("not started")
        return self._client

    @property
    def photos(self) -> Photos:
        """Where the bytes of attachments come from."""
        if self._photos is None:
            raise RuntimeError("not started")
        return self._photos

    async def start(self) -> None:
        """Log in, take up what is unfinished, and begin to connect.

        Returns too when Discord cannot be reached: it is then tried again until ``stop``.

        Raises:
            DiscordRefused: the token is wrong.

        """
        self._photos = FetchedPhotos(limit=self._options.max_photo_bytes, seconds=self._options.fetch_seconds)
        self._connection.lost()
        if self._options.channels and not self._options.message_content:
            _log.warning(
                "channels are chosen for Discord without the message content intent: Discord then hides their "
                "attachments; switch on message_content, there and in the Developer Portal"
            )
        self._task = asyncio.create_task(self._keep_connected(), name="discord")
        first = asyncio.create_task(self._first_try.wait(), name="discord-first-try")
        await asyncio.wait({self._task, first}, return_when=asyncio.FIRST_COMPLETED)
        if first.cancel():
            await self.stop(0)
            await self._task

    async def run(self) -> None:
        """Wait until ``stop`` is called.

        Raises:
            DiscordRefused: the token became wrong, or an intent is not switched on.

        """
        if self._task is not None:
            await asyncio.wait({self._task})
            if not self._task.cancelled():
                self._task.result()

    async def stop(self, seconds: float = 10.0) -> None:
        """Finish what is being answered, for at most so many seconds, and disconnect. The rest waits in the inbox."""
        if self._is_stopping:
            return
        self._is_stopping = True
        if self._is_taken_up:
            await self._intake.drain(seconds)
            await self._intake.close()
        if self._client is not None:
            await self._client.close()
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})
            if not self._task.cancelled() and (error := self._task.exception()) is not None:
                _log.debug("Discord had ended before: %s", type(error).__name__)
        if self._photos is not None:
            await self._photos.close()
        # discord.py starts a task for its last event, the disconnection, and leaves it to the event loop.
        await asyncio.sleep(0)

    def is_alive(self, now: float) -> bool:
        """Whether Discord is connected, or was within the time allowed; ``now`` by the clock given."""
        if self._task is None or self._task.done():
            return False
        return self._connection.longest_lost(now) <= self._options.disconnected_seconds

    async def _take(self, received: payload.Received) -> None:
        if self._intake.is_full and not self._is_stopping:
            await self._answering.busy(received)
            return
        user_key = self._database.secret.user_key(Platform.DISCORD, str(received.user))
        arrival = Arrival(Platform.DISCORD, received.update_id, payload.write(received), user_key)
        try:
            if self._is_stopping:
                # For the next start.
                await self._database.inbox.receive([arrival])
            else:
                await self._intake.receive([arrival])
        except DatabaseError as error:
            _log.error("a request from Discord was not kept: %s", error)
            await self._answering.failed(received)

    async def _keep_connected(self) -> None:
        wait = self._retry_seconds
        while True:
            try:
                await self._connect()
                return
            except (discord.HTTPException, discord.GatewayNotFound, aiohttp.ClientError, OSError) as error:
                _log.warning("Discord cannot be reached (%s); trying again", type(error).__name__)
            self._first_try.set()
            await asyncio.sleep(wait * random.uniform(0.8, 1.2))  # noqa: S311 - spreads load, guards nothing
            wait = min(2 * wait, _LONGEST_RETRY_SECONDS)

    async def _connect(self) -> None:
        """Stay connected until ``stop``; raises what stands for a Discord that cannot be reached."""
        kind = ShardedBunriClient if await self._is_sharded() else BunriClient
        client = kind(self._options, self._reception, self._messages, self._connection, self._register)
        self._client = client
        try:
            await client.login(self._options.token)
            if not self._is_taken_up:
                await self._intake.start()
                self._is_taken_up = True
            self._first_try.set()
            await client.connect()
        except discord.LoginFailure:
            raise DiscordRefused(_REJECTED) from None
        except discord.PrivilegedIntentsRequired:
            raise DiscordRefused(_UNGRANTED) from None
        except discord.ConnectionClosed as error:
            if error.code == _AUTHENTICATION_FAILED:
                raise DiscordRefused(_REJECTED) from None
            raise ConnectionError(f"close code {error.code}") from None
        except AttributeError as error:
            # discord.py 2.7.1 stumbles over its missing connection when the very first one fails.
            if client.ws is not None:
                raise
            raise ConnectionError("no gateway") from error
        finally:
            await client.close()

    async def _is_sharded(self) -> bool:
        limit = self._options.shards_above
        if not limit:
            return limit == 0
        async with discord.Client(intents=discord.Intents.none()) as probe:
            try:
                await probe.login(self._options.token)
            except discord.LoginFailure:
                raise DiscordRefused(_REJECTED) from None
            application = probe.application
            return application is not None and application.approximate_guild_count >= limit

    async def _register(self, client: BunriClient) -> None:
        try:
            await sync_if_changed(client.tree, self._database.notes, self._options.dev_guild)
        except discord.Forbidden:
            _log.error("Discord refused the commands: invite Bunri to the server with the scope applications.commands")
        except discord.HTTPException as error:
            # Messages and the commands registered before still work.
            _log.error("Discord did not take the commands (status %d, code %d)", error.status, error.code)


_REJECTED: Final = (
    "Discord rejects the token: copy it anew from the Developer Portal (Bot, Reset Token) into BUNRI_DISCORD__TOKEN"
)
_UNGRANTED: Final = (
    "Discord refuses the message content intent: switch it on in the Developer Portal (Bot, Privileged Gateway "
    "Intents), or set BUNRI_DISCORD__MESSAGE_CONTENT to false"
)
