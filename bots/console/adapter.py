"""A conversation in a terminal: what is typed -> a request; the reply -> text with numbered buttons."""

import asyncio
import shlex
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Final

from bots.chat_layout import chat_message
from bots.console.rendering import message_text, printable
from bots.conversation import Conversation
from bots.platforms import Platform
from bots.reply import Button, Picture, Place, Reply
from bots.request import ButtonPressed, Command, CommandSent, PhotosSent, Request, Resident, Sender, read_text

_PHOTO: Final = frozenset({"photo", "/photo", "/classify"})
_MOST_PHOTOS: Final = 10
_USER: Final = "terminal"


class ConsoleAdapter:
    """One person at one terminal.

    A number presses the button of that number; the path of a file, or ``photo PATH...``, sends photos; all else is
    a command or the name of a thing, as in every chat.
    """

    def __init__(
        self,
        conversation: Conversation,
        show: Callable[[str], None],
        *,
        max_photo_bytes: int,
        pictures: Path | None = None,
    ) -> None:
        """Put it together.

        Args:
            conversation: what answers.
            show: prints a text and ends the line.
            max_photo_bytes: what a file may take; of a larger one a byte more is read, for the decoder to refuse.
            pictures: the folder that pictures are written to; the working folder when None.

        """
        self._conversation = conversation
        self._show = show
        self._max_photo_bytes = max_photo_bytes
        self._folder = pictures or Path()
        self._buttons: tuple[Button, ...] = ()

    async def greet(self) -> None:
        """What ``/start`` says, and what can be typed."""
        await self._answer(CommandSent(Command.START))
        self._show(self._conversation.texts((await self._resident()).language)("console-how"))

    async def take(self, line: str) -> None:
        """Answer a line; an empty one asks nothing."""
        typed = line.strip()
        if not typed:
            return
        button = self._pressed(typed)
        if button is not None:
            await self._answer(ButtonPressed(button.action))
            return
        photos, is_asked = await asyncio.to_thread(self._photos, typed)
        if photos:
            await self._answer(PhotosSent(photos))
        elif is_asked:
            texts = self._conversation.texts((await self._resident()).language)
            self._show(f"{texts('console-no-photo')}\n\n{texts('console-no-photo.help')}")
        else:
            await self._answer(read_text(typed))

    async def _answer(self, request: Request) -> None:
        resident = await self._resident()
        reply = await self._conversation.reply(request, resident)
        # Asked again: the request may have been to speak another language.
        resident = await self._resident()
        self._tell(reply, resident)
        texts = self._conversation.texts(resident.language)
        for picture in reply.pictures:
            try:
                path = await asyncio.to_thread(self._written, picture)
            except OSError as error:
                self._show(texts("generated-unsaved", reason=printable(error.strerror or "?")))
                return
            self._show(f"{picture.caption}\n{texts('generated-saved', path=printable(str(path)))}")

    async def _resident(self) -> Resident:
        return await self._conversation.resident(Sender(Platform.CONSOLE, _USER))

    def _tell(self, reply: Reply, resident: Resident) -> None:
        texts = self._conversation.texts(resident.language)
        kept = self._buttons if reply.place is Place.KEEP_BUTTONS else ()
        for card in reply.cards:
            message = chat_message(card, texts)
            buttons = tuple(button for row in message.buttons for button in row)
            self._show(message_text(message.blocks, buttons, len(kept) + 1))
            kept += buttons
        if reply.toast and not reply.cards:
            self._show(printable(reply.toast))
        if reply.cards:
            self._buttons = kept

    def _pressed(self, typed: str) -> Button | None:
        if not (typed.isascii() and typed.isdigit()) or len(typed) > 4:
            return None
        place = int(typed)
        return self._buttons[place - 1] if 1 <= place <= len(self._buttons) else None

    def _photos(self, typed: str) -> tuple[tuple[bytes, ...], bool]:
        """The photos that a line names, and whether it asks for some at all."""
        try:
            words = shlex.split(typed)  # as terminals write the name of a file that is dropped on them
        except ValueError:
            words = [typed]
        is_asked = bool(words) and words[0] in _PHOTO
        if is_asked:
            rest = typed.partition(" ")[2].strip()
            names = [rest] if rest and _is_file(rest) else words[1:]
        else:
            names = [typed] if _is_file(typed) else words
            if not all(map(_is_file, names)):
                return (), False
        read = [self._read(name) for name in names[:_MOST_PHOTOS]]
        return tuple(photo for photo in read if photo is not None), is_asked or bool(names)

    def _written(self, picture: Picture) -> Path:
        """Where the picture is now; a file that is there already is left alone."""
        self._folder.mkdir(parents=True, exist_ok=True)
        name = Path(picture.name)
        for number in count(1):
            path = self._folder / (picture.name if number == 1 else f"{name.stem}-{number}{name.suffix}")
            with suppress(FileExistsError), path.open("xb") as file:
                file.write(picture.content)
                return path.resolve()
        raise AssertionError("count does not end")

    def _read(self, name: str) -> bytes | None:
        if not _is_file(name):
            return None
        try:
            with Path(name).expanduser().open("rb") as file:
                return file.read(self._max_photo_bytes + 1)
        except OSError:
            return None


def _is_file(name: str) -> bool:
    """Whether this is a file, not a pipe or a device, which may never end."""
    try:
        return Path(name).expanduser().is_file()
    except (OSError, ValueError, RuntimeError):
        return False
