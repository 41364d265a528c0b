"""Updates as Telegram sends them: what people do in chats."""

import itertools
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

BOT_ID = 777000111
BOT_NAME = "bunri_test_bot"


@dataclass
class Person:
    """Somebody in a private chat with the bot, or in a group."""

    id: int = 1001
    first_name: str = "Gildong"
    language: str | None = "ko"

    def as_user(self) -> dict[str, Any]:
        user: dict[str, Any] = {"id": self.id, "is_bot": False, "first_name": self.first_name}
        return user if self.language is None else {**user, "language_code": self.language}


def bot_user() -> dict[str, Any]:
    return {"id": BOT_ID, "is_bot": True, "first_name": "Bunri", "username": BOT_NAME}


@dataclass
class Script:
    """Makes updates with numbers of their own."""

    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    messages: Iterator[int] = field(default_factory=lambda: itertools.count(5000))
    albums: int = 0

    def message(self, person: Person, *, group: int | None = None, **content: Any) -> dict[str, Any]:
        chat: dict[str, Any] = (
            {"id": person.id, "type": "private", "first_name": person.first_name}
            if group is None
            else {"id": group, "type": "supergroup", "title": "Neighbours"}
        )
        message = {
            "message_id": next(self.messages),
            "date": int(time.time()),
            "chat": chat,
            "from": person.as_user(),
            **content,
        }
        return {"update_id": next(self.numbers), "message": message}

    def text(self, person: Person, text: str, **more: Any) -> dict[str, Any]:
        return self.message(person, text=text, **more)

    def photo(self, person: Person, file_id: str, size: int = 50_000, **more: Any) -> dict[str, Any]:
        sizes = [
            {"file_id": f"{file_id}-small", "file_unique_id": f"u-{file_id}-s", "width": 90, "height": 60},
            {"file_id": file_id, "file_unique_id": f"u-{file_id}", "width": 1280, "height": 960, "file_size": size},
        ]
        return self.message(person, photo=sizes, **more)

    def album(
        self, person: Person, *file_ids: str, captions: dict[str, str] | None = None, **more: Any
    ) -> list[dict[str, Any]]:
        """An update for each photo; ``captions`` by file id, for in an album hardly more than one photo has one."""
        self.albums += 1
        texts = captions or {}
        updates = []
        for each in file_ids:
            caption = {"caption": texts[each]} if each in texts else {}
            content: dict[str, Any] = {"media_group_id": f"album-{self.albums}", **caption, **more}
            updates.append(self.photo(person, each, **content))
        return updates

    def document(self, person: Person, file_id: str, size: int = 50_000, **more: Any) -> dict[str, Any]:
        name = more.pop("file_name", "photo.heic")
        document = {"file_id": file_id, "file_unique_id": f"u-{file_id}", "file_size": size, "file_name": name}
        return self.message(person, document=document, **more)

    def press(self, person: Person, data: str, message: dict[str, Any]) -> dict[str, Any]:
        """A press on a button of a message that the bot sent."""
        return {
            "update_id": next(self.numbers),
            "callback_query": {
                "id": str(next(self.messages)),
                "from": person.as_user(),
                "chat_instance": "1",
                "data": data,
                "message": message,
            },
        }
