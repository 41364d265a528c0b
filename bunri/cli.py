"""The command line: ``bunri COMMAND``. Commands are loaded when they are called, so that each starts fast."""

import importlib
import io
import sys

import click

from bunri import __version__

COMMANDS: dict[str, str] = {
    "run": "the web page and every bot that has a token",
    "web": "the web page",
    "telegram": "the Telegram bot",
    "discord": "the Discord bot",
    "serve": "the inference host: photos and pictures over HTTP",
    "cluster": "the inference host over many processes and machines",
    "chat": "talk to Bunri in this terminal",
    "classify": "what is in these photos",
    "guide": "how to dispose of a thing",
    "generate": "pictures of a label, made by AI",
    "evaluate": "score the model on a folder of labelled photos",
    "data": "check, split and curate data sets",
    "train": "train a model from a recipe",
    "weights": "verify, pack, compare and promote models",
    "export": "kept photos, for the people who label them",
    "import": "the labels that they gave",
    "stats": "what was asked, and how it went",
    "admin": "tokens for the admin page",
    "forget": "delete everything about one person",
    "vault": "kept photos: their keys, and whether all are there",
    "purge": "delete what is older than the settings allow",
    "doctor": "what is configured, what is missing, how to mend it",
    "bench": "the performance figures of this machine",
}
"""Command name -> one line of help; the command itself is ``bunri.commands.<name>:command``, but for ``MODULES``."""

MODULES: dict[str, str] = {"export": "export_photos", "import": "import_labels"}
"""Where a command's module has another name: one of them is a word of Python's own."""


class LazyGroup(click.Group):
    """A click group that imports a command's module only when that command runs."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"bunri.commands.{MODULES.get(cmd_name, cmd_name)}")
        command = module.command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def main() -> None:
    """Bunri (분리): how to throw a thing away, from a photo."""
    # A terminal of another encoding than UTF-8 gets escapes for what it cannot show, not a traceback.
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


if __name__ == "__main__":
    main()
