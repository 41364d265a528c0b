"""``bunri chat``: Bunri in this terminal."""

import asyncio
import sys
from collections.abc import AsyncIterator

import click

from bots.console.adapter import ConsoleAdapter
from bots.console.lines import lines_of
from bots.messages import MessageError
from bunri.failures import read_settings, told_in_one_line
from bunri.household import open_household
from bunri.lifecycle import stop_signals
from bunri.log_redaction import Redaction
from bunri.log_setup import log_loop_errors, secrets_of, set_up_logs
from bunri.settings import Settings
from db.errors import DatabaseError
from guides import GuideFileError

_ENDS = frozenset({"/quit", "/exit"})


@click.command("chat")
def command() -> None:
    """Talk to Bunri: words, commands, the path of a photo, the number of a button. Ctrl+D or /quit ends it."""
    settings = read_settings()
    # What happens is on the screen already.
    level = "WARNING" if settings.log.level == "INFO" else settings.log.level
    set_up_logs(settings.log.model_copy(update={"level": level}), Redaction(secrets_of(settings)))
    with told_in_one_line():
        asyncio.run(_chat(settings))


async def _chat(settings: Settings) -> None:
    log_loop_errors(asyncio.get_running_loop())
    with stop_signals() as stop:
        try:
            async with open_household(settings) as household:
                console = ConsoleAdapter(
                    household.conversation, click.echo, max_photo_bytes=settings.inference.max_bytes
                )
                talk = asyncio.create_task(_talk(console), name="talk")
                stopping = asyncio.create_task(stop.wait(), name="stop")
                await asyncio.wait({talk, stopping}, return_when=asyncio.FIRST_COMPLETED)
                for task in (talk, stopping):
                    task.cancel()
                ended, _ = await asyncio.gather(talk, stopping, return_exceptions=True)
                if isinstance(ended, Exception):
                    raise ended
        except (GuideFileError, MessageError, DatabaseError) as error:
            raise click.ClickException(str(error)) from error


async def _talk(console: ConsoleAdapter) -> None:
    is_terminal = sys.stdin.isatty()
    await console.greet()
    _prompt(is_terminal)
    lines: AsyncIterator[str] = lines_of(sys.stdin.fileno())
    async for line in lines:
        if line.strip() in _ENDS:
            return
        await console.take(line)
        _prompt(is_terminal)


def _prompt(is_terminal: bool) -> None:
    if is_terminal:
        click.echo("> ", nl=False)
