"""The slash commands and the menu entry, as Discord lists them: localized names, options and choices.

Each acknowledges first (Discord waits three seconds), then leaves the rest to whoever takes it.
"""

from collections.abc import Awaitable, Callable
from typing import Any, Final, Protocol

import discord
from discord import app_commands
from discord.app_commands import Choice

from bots.discord.attachments import is_image
from bots.discord.translation import BASE_LANGUAGE, described, named
from bots.messages import Messages
from bots.picture_request import MOST as MOST_PICTURES
from bots.picture_request import SEEDS, read_picture_request
from bots.request import Command
from guides import LANGUAGES

PRIVATE: Final = frozenset(
    {
        Command.START,
        Command.HELP,
        Command.LANG,
        Command.REGION,
        Command.PRIVACY,
        Command.CONSENT,
        Command.MYDATA,
        Command.FORGET,
        Command.REPORT,
    }
)
"""Commands whose answer only the asker sees. Discord wants to know before the answer is there."""

HIGHEST_SEED: Final = SEEDS - 1
LONGEST_THING: Final = 100
LONGEST_REPORT: Final = 1000

_Interaction = discord.Interaction[Any]
_Callback = Callable[..., Awaitable[None]]


class CommandTaker(Protocol):
    """Who does the work behind the commands. Each interaction is acknowledged already."""

    async def commanded(self, interaction: _Interaction, command: Command, argument: str) -> None:
        """Take a command."""
        ...

    async def shown(self, interaction: _Interaction, photos: list[discord.Attachment], message: int | None) -> None:
        """Take photos: of the command itself, or of the message with that id."""
        ...

    async def things(self, interaction: _Interaction, typed: str) -> list[Choice[str]]:
        """Names of things that fit what was typed so far; at most 25."""
        ...

    async def kinds(self, interaction: _Interaction, typed: str) -> list[Choice[str]]:
        """Labels whose name in either language is like what was typed; at most 25."""
        ...

    async def places(self, interaction: _Interaction, typed: str) -> list[Choice[str]]:
        """Places whose rules can be followed; at most 25."""
        ...


def add_commands(tree: app_commands.CommandTree[Any], taker: CommandTaker, messages: Messages) -> None:
    """Fill the tree."""
    for command in (
        _classify(taker, messages),
        _guide(taker, messages),
        _generate(taker, messages),
        _lang(taker, messages),
        _region(taker, messages),
        _report(taker, messages),
    ):
        tree.add_command(command)
    for each in (
        Command.START,
        Command.HELP,
        Command.LABELS,
        Command.PRIVACY,
        Command.CONSENT,
        Command.MYDATA,
        Command.FORGET,
        Command.STATS,
    ):
        tree.add_command(_simple(each, taker, messages))
    tree.add_command(_menu(taker, messages))


async def _take(taker: CommandTaker, interaction: _Interaction, command: Command, argument: str = "") -> None:
    await interaction.response.defer(thinking=True, ephemeral=command in PRIVATE)
    await taker.commanded(interaction, command, argument)


def _command(name: str, callback: _Callback, messages: Messages) -> app_commands.Command[Any, ..., None]:
    return app_commands.Command(
        name=named(name, f"discord-name-{name}"),
        description=described(messages.of(BASE_LANGUAGE), f"command-{name}"),
        callback=callback,  # type: ignore[arg-type]
    )


def _option(name: str, messages: Messages, *, parameter: str = "") -> Callable[[_Callback], _Callback]:
    """Name and describe the parameter of a callback: ``discord-option-photo`` and its ``.description``."""
    key = f"discord-option-{name}"
    which = parameter or name

    def apply(callback: _Callback) -> _Callback:
        description = described(messages.of(BASE_LANGUAGE), f"{key}.description")
        return app_commands.rename(**{which: named(name, key)})(app_commands.describe(**{which: description})(callback))

    return apply


def _simple(command: Command, taker: CommandTaker, messages: Messages) -> app_commands.Command[Any, ..., None]:
    async def callback(interaction: _Interaction) -> None:
        await _take(taker, interaction, command)

    return _command(command.value, callback, messages)


def _classify(taker: CommandTaker, messages: Messages) -> app_commands.Command[Any, ..., None]:
    @_option("photo", messages)
    async def callback(interaction: _Interaction, photo: discord.Attachment) -> None:
        await interaction.response.defer(thinking=True)
        await taker.shown(interaction, [photo], None)

    return _command("classify", callback, messages)


def _guide(taker: CommandTaker, messages: Messages) -> app_commands.Command[Any, ..., None]:
    @_option("thing", messages)
    async def callback(interaction: _Interaction, thing: app_commands.Range[str, 1, LONGEST_THING]) -> None:
        await _take(taker, interaction, Command.GUIDE, thing)

    command = _command("guide", callback, messages)

    @command.autocomplete("thing")
    async def complete(interaction: _Interaction, current: str) -> list[Choice[str]]:
        return await taker.things(interaction, current)

    return command


def _generate(taker: CommandTaker, messages: Messages) -> app_commands.Command[Any, ..., None]:
    @_option("label", messages)
    @_option("count", messages)
    @_option("seed", messages)
    async def callback(
        interaction: _Interaction,
        label: app_commands.Range[str, 1, LONGEST_THING],
        count: app_commands.Range[int, 1, MOST_PICTURES] | None = None,
        seed: app_commands.Range[int, 0, HIGHEST_SEED] | None = None,
    ) -> None:
        await _take(taker, interaction, Command.GENERATE, _wanted(label, count, seed))

    command = _command("generate", callback, messages)

    @command.autocomplete("label")
    async def complete(interaction: _Interaction, current: str) -> list[Choice[str]]:
        return await taker.kinds(interaction, current)

    return command


def _wanted(label: str, count: int | None, seed: int | None) -> str:
    """As it is written in a chat. Whoever typed numbers behind the label means them where the options say nothing."""
    typed = read_picture_request(label)
    if not (typed.words and typed.is_sound):
        return label
    numbers = (count or typed.count, typed.seed if seed is None else seed)
    return " ".join([typed.words, *(str(each) for each in numbers if each is not None)])


def _lang(taker: CommandTaker, messages: Messages) -> app_commands.Command[Any, ..., None]:
    # Each language under its own name, whatever the reader's.
    choices = [Choice(name=messages.of(each)(f"language-{each}"), value=each) for each in LANGUAGES]

    @app_commands.choices(language=choices)
    @_option("language", messages)
    async def callback(interaction: _Interaction, language: str = "") -> None:
        await _take(taker, interaction, Command.LANG, language)

    return _command("lang", callback, messages)


def _region(taker: CommandTaker, messages: Messages) -> app_commands.Command[Any, ..., None]:
    @_option("region", messages)
    async def callback(interaction: _Interaction, region: app_commands.Range[str, 0, LONGEST_THING] = "") -> None:
        await _take(taker, interaction, Command.REGION, region)

    command = _command("region", callback, messages)

    @command.autocomplete("region")
    async def complete(interaction: _Interaction, current: str) -> list[Choice[str]]:
        return await taker.places(interaction, current)

    return command


def _report(taker: CommandTaker, messages: Messages) -> app_commands.Command[Any, ..., None]:
    @_option("text", messages)
    async def callback(interaction: _Interaction, text: app_commands.Range[str, 1, LONGEST_REPORT]) -> None:
        await _take(taker, interaction, Command.REPORT, text)

    return _command("report", callback, messages)


def _menu(taker: CommandTaker, messages: Messages) -> app_commands.ContextMenu:
    async def callback(interaction: _Interaction, message: discord.Message) -> None:
        if not any(is_image(each) for each in message.attachments):
            await _take(taker, interaction, Command.HELP)
            return
        await interaction.response.defer(thinking=True)
        await taker.shown(interaction, [each for each in message.attachments if is_image(each)], message.id)

    key = "discord-menu-classify"
    return app_commands.ContextMenu(name=described(messages.of(BASE_LANGUAGE), key), callback=callback)
