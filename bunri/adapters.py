"""Settings and household -> the adapters that run."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

import click
from aiohttp import web

from bots.web import WebOptions, WebServer, create_app
from bunri.household import Household
from bunri.restarting import Restarting
from bunri.running import Adapter
from bunri.settings import BotSettings, Settings
from bunri.wiring import web_options

if TYPE_CHECKING:
    from bots.discord.adapter import DiscordAdapter
    from bots.telegram.adapter import TelegramAdapter

HealthCheck = Callable[[], Awaitable[Mapping[str, object]]]

_HOW = {
    "telegram": "ask @BotFather in Telegram for one (/newbot)",
    "discord": "make an application in Discord's Developer Portal and copy the token of its bot",
}


def _add_admin(app: web.Application, household: Household, settings: Settings, options: WebOptions) -> None:
    """With its imports: it opens photos, which a bot that asks hosts never does and should not load the means for."""
    from bots.web.admin import add_admin
    from bunri.admin_parts import admin_house

    house = admin_house(household, settings)
    if house is not None:
        add_admin(app, house, household.messages, options)


class WebAdapter:
    """The web page as one of several adapters."""

    def __init__(self, household: Household, settings: Settings, *, health: HealthCheck | None = None) -> None:
        options = web_options(settings)
        app = create_app(household.conversation, household.messages, options, health=health)
        if settings.admin.people:
            _add_admin(app, household, settings, options)
        self._server = WebServer(app, settings.web.host, settings.web.port)
        self._stopped = asyncio.Event()

    async def start(self) -> None:
        """Listen. Raises OSError where the address cannot be used."""
        await self._server.__aenter__()
        click.echo(f"Bunri is ready: {self._server.url}  (Ctrl+C stops it)")

    async def run(self) -> None:
        """See ``Adapter``."""
        await self._stopped.wait()

    async def stop(self, seconds: float) -> None:
        """See ``Adapter``; the server has its own limit, which is shorter."""
        del seconds
        await self._server.__aexit__()
        self._stopped.set()

    def is_alive(self, now: float) -> bool:
        """Whoever hears the answer knows that it is."""
        del now
        return True


def token_of(name: str, settings: BotSettings) -> str:
    """The token of a bot.

    Raises:
        click.ClickException: there is none; the sentence says how to get one and where to put it.

    """
    variable = f"BUNRI_{name.upper()}__TOKEN"
    try:
        token = settings.read_token()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise click.ClickException(f"the file of {variable}_FILE cannot be read: {reason}") from error
    if token is None:
        raise click.ClickException(f"no token for {name}: {_HOW[name]}, then set {variable} or {variable}_FILE")
    return token


def has_token(settings: BotSettings) -> bool:
    """Whether a bot is configured."""
    return settings.token is not None or settings.token_file is not None


def telegram_adapter(household: Household, settings: Settings) -> "TelegramAdapter":
    """The Telegram bot as it is configured."""
    from bots.telegram.adapter import TelegramAdapter
    from bots.telegram.options import TelegramOptions

    chosen = settings.telegram
    secret = chosen.webhook_secret.get_secret_value() if chosen.webhook_secret else ""
    options = TelegramOptions(
        token=token_of("telegram", chosen),
        base_url=chosen.base_url,
        base_file_url=chosen.base_file_url,
        webhook_url=chosen.webhook_url,
        webhook_secret=secret,
        webhook_host=chosen.webhook_host,
        webhook_port=chosen.webhook_port,
        group_photos=chosen.group_photos,
        workers=chosen.workers,
        queue_limit=chosen.queue_limit,
        max_photo_bytes=min(settings.inference.max_bytes, 20_000_000),
    )
    return TelegramAdapter(options, household.conversation, household.messages, household.database)


def discord_adapter(household: Household, settings: Settings) -> "DiscordAdapter":
    """The Discord bot as it is configured."""
    from bots.discord.adapter import DiscordAdapter
    from bots.discord.options import DiscordOptions

    chosen = settings.discord
    options = DiscordOptions(
        token=token_of("discord", chosen),
        channels=frozenset(chosen.channels),
        message_content=chosen.message_content,
        dev_guild=chosen.dev_guild,
        shards_above=chosen.shards_above,
        workers=chosen.workers,
        queue_limit=chosen.queue_limit,
        max_photo_bytes=settings.inference.max_bytes,
    )
    return DiscordAdapter(options, household.conversation, household.messages, household.things, household.database)


def chat_adapters(names: tuple[str, ...], household: Household, settings: Settings) -> dict[str, Adapter]:
    """The adapters of these names, each started again after a fault.

    Raises:
        click.ClickException: a token is missing.

    """
    makers: dict[str, Callable[[Household, Settings], Adapter]] = {
        "telegram": telegram_adapter,
        "discord": discord_adapter,
    }
    return {name: Restarting(name, partial(makers[name], household, settings)) for name in names}
