"""The fake Bot API: long polling with offsets, files, messages, scripted faults, and a record of every call.

async with FakeTelegram() as telegram:
    bot = TelegramAdapter(TelegramOptions(token=TOKEN, base_url=telegram.base_url, ...), ...)
    telegram.files["a"] = jpeg
    telegram.feed(script.photo(person, "a"))
    await telegram.until(lambda: telegram.sent)
    assert "종이" in telegram.sent[0]["text"]
"""

import asyncio
import json
import time
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Self

from aiohttp import web

from tests.fake_telegram.updates import BOT_NAME, bot_user
from tests.fake_telegram.validation import NotTheBotApi, check_request, check_update

TOKEN = "777000111:AAFakeFakeFakeFakeFakeFakeFakeFakeFa"
_JSON = {"reply_markup", "reply_parameters", "link_preview_options", "allowed_updates", "commands", "scope", "media"}
_NUMBERS = {"chat_id", "offset", "limit", "timeout", "message_id", "message_thread_id", "max_connections"}
_FLAGS = {"drop_pending_updates"}


@dataclass(frozen=True)
class Fault:
    """An answer instead of the right one. ``reset`` breaks the connection, for a file in the middle of it."""

    status: int = 500
    description: str = "Internal Server Error"
    parameters: dict[str, Any] = field(default_factory=dict)
    reset: bool = False


@dataclass
class Call:
    method: str
    parameters: dict[str, Any]
    at: float


class FakeTelegram:
    """``faults[method]`` is a queue: each call of the method takes one; None is a call that goes well.

    ``delay`` holds every answer back, seconds.
    ``moved`` are basic groups that became supergroups: old id -> new id.
    """

    def __init__(self, *, token: str = TOKEN, sees_all: bool = False, validate: bool = True) -> None:
        self.token = token
        self.sees_all = sees_all
        self.validate = validate
        self.files: dict[str, bytes] = {}
        self.any_file: bytes | None = None
        self.faults: dict[str, deque[Fault | None]] = defaultdict(deque)
        self.delay = 0.0
        self.calls: list[Call] = []
        self.sent: list[dict[str, Any]] = []
        self.edited: list[dict[str, Any]] = []
        self.pictures: list[dict[str, Any]] = []
        self.moved: dict[int, int] = {}
        self.problems: list[str] = []
        self.webhook: dict[str, Any] | None = None
        self._pending: list[dict[str, Any]] = []
        self._news = asyncio.Event()
        self._next_message = 900_000
        app = web.Application(client_max_size=60_000_000)
        app.router.add_route("*", "/bot{token}/{method}", self._call)
        app.router.add_get("/file/bot{token}/{path:.+}", self._file)
        self._runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=0.1)
        self._url = ""
        self._port = 0

    @property
    def base_url(self) -> str:
        return f"{self._url}/bot"

    @property
    def base_file_url(self) -> str:
        return f"{self._url}/file/bot"

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await site.start()
        self._port = self._runner.addresses[0][1]
        self._url = f"http://127.0.0.1:{self._port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._news.set()
        await self._runner.cleanup()

    def feed(self, *updates: dict[str, Any]) -> None:
        """People did this; whoever polls gets it until it is confirmed."""
        if self.validate:
            for update in updates:
                check_update(update)
        self._pending.extend(updates)
        self._news.set()

    @property
    def unconfirmed(self) -> int:
        return len(self._pending)

    def of(self, method: str) -> list[dict[str, Any]]:
        """The parameters of each call of a method."""
        return [call.parameters for call in self.calls if call.method == method]

    async def until(self, what: Callable[[], object], seconds: float = 20.0) -> None:
        """Wait until something holds; fails the test after a while, saying what was sent."""
        deadline = time.monotonic() + seconds
        while not what():
            if time.monotonic() > deadline:
                last = [each.get("text", "")[:80] for each in self.sent[-5:]]
                raise AssertionError(f"it did not come; {len(self.sent)} sent, the last {last}; {self.problems}")
            await asyncio.sleep(0.01)

    async def _call(self, request: web.Request) -> web.StreamResponse:
        if request.match_info["token"] != self.token:
            return _failure(401, "Unauthorized")
        method = request.match_info["method"]
        parameters = await _parameters(request)
        self.calls.append(Call(method, parameters, time.monotonic()))
        if self.delay:
            await asyncio.sleep(self.delay)
        fault = self.faults[method].popleft() if self.faults[method] else None
        if fault is not None:
            if fault.reset:
                assert request.transport is not None
                request.transport.abort()
                return web.Response()
            return _failure(fault.status, fault.description, fault.parameters)
        if self.validate:
            try:
                check_request(method, parameters)
            except (NotTheBotApi, ValueError) as error:
                self.problems.append(f"{method}: {error}")
                return _failure(400, f"Bad Request: {error}")
        new_home = self.moved.get(parameters.get("chat_id", 0))
        if new_home is not None:
            moved = {"migrate_to_chat_id": new_home}
            return _failure(400, "Bad Request: group chat was upgraded to a supergroup chat", moved)
        handler = getattr(self, f"_{_snake(method)}", None)
        return web.json_response({"ok": True, "result": True if handler is None else await handler(parameters)})

    async def _get_me(self, _: dict[str, Any]) -> dict[str, Any]:
        return {
            **bot_user(),
            "can_join_groups": True,
            "can_read_all_group_messages": self.sees_all,
            "supports_inline_queries": False,
        }

    async def _get_updates(self, parameters: dict[str, Any]) -> list[dict[str, Any]]:
        offset = parameters.get("offset")
        if offset is not None:
            self._pending = [update for update in self._pending if update["update_id"] >= offset]
        if not self._pending:
            self._news.clear()
            try:
                async with asyncio.timeout(parameters.get("timeout", 0)):
                    await self._news.wait()
            except TimeoutError:
                return []
        return self._pending[: parameters.get("limit", 100)]

    async def _get_file(self, parameters: dict[str, Any]) -> dict[str, Any]:
        name = parameters["file_id"]
        content = self.files.get(name, self.any_file)
        size = {} if content is None else {"file_size": len(content)}
        return {"file_id": name, "file_unique_id": f"u-{name}", "file_path": f"photos/{name}.jpg", **size}

    async def _send_message(self, parameters: dict[str, Any]) -> dict[str, Any]:
        self._next_message += 1
        message = _message(self._next_message, parameters)
        self.sent.append({**parameters, "message": message})
        return message

    async def _send_photo(self, parameters: dict[str, Any]) -> dict[str, Any]:
        self._next_message += 1
        self.pictures.append(parameters)
        sizes = [{"file_id": "sent", "file_unique_id": "u-sent", "width": 1, "height": 1}]
        message = _message(self._next_message, parameters)
        return {key: each for key, each in message.items() if key != "text"} | {"photo": sizes}

    async def _send_media_group(self, parameters: dict[str, Any]) -> list[dict[str, Any]]:
        around = {key: value for key, value in parameters.items() if key != "media"}
        return [await self._send_photo({**around, **each}) for each in parameters["media"]]

    async def _edit_message_text(self, parameters: dict[str, Any]) -> dict[str, Any]:
        self.edited.append(parameters)
        return _message(parameters["message_id"], parameters)

    async def _set_webhook(self, parameters: dict[str, Any]) -> bool:
        self.webhook = parameters
        return True

    async def _file(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["path"].removeprefix("photos/").removesuffix(".jpg")
        content = self.files.get(name, self.any_file)
        if request.match_info["token"] != self.token or content is None:
            return _failure(404, "Not Found")
        if self.faults["file"]:
            self.faults["file"].popleft()
            answer = web.StreamResponse(headers={"Content-Length": str(len(content))})
            await answer.prepare(request)
            await answer.write(content[: len(content) // 2])
            assert request.transport is not None
            request.transport.abort()
            return answer
        return web.Response(body=content)


def buttons_of(message: dict[str, Any]) -> dict[str, str]:
    """The buttons of a message that was sent: text -> id."""
    rows = (message.get("reply_markup") or {}).get("inline_keyboard", [])
    return {button["text"]: button["callback_data"] for row in rows for button in row}


def _message(number: int, parameters: dict[str, Any]) -> dict[str, Any]:
    chat = parameters["chat_id"]
    kind = {"type": "private", "first_name": "Gildong"} if chat > 0 else {"type": "supergroup", "title": "Neighbours"}
    message: dict[str, Any] = {
        "message_id": number,
        "date": int(time.time()),
        "chat": {"id": chat, **kind},
        "from": bot_user(),
        "text": parameters.get("text", ""),
    }
    if "message_thread_id" in parameters:
        message |= {"message_thread_id": parameters["message_thread_id"], "is_topic_message": True}
    if parameters.get("reply_markup"):
        message["reply_markup"] = parameters["reply_markup"]
    return message


async def _parameters(request: web.Request) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in (await request.post()).items():
        if not isinstance(value, str):
            # python-telegram-bot's name for a file that another parameter speaks of: attach://attached...
            if not name.startswith("attached"):
                found[name] = "attach"
        elif name in _JSON:
            found[name] = json.loads(value)
        elif name in _NUMBERS:
            found[name] = int(float(value))
        elif name in _FLAGS:
            found[name] = value == "true"
        else:
            found[name] = value
    return found


def _failure(status: int, description: str, parameters: dict[str, Any] | None = None) -> web.Response:
    body: dict[str, Any] = {"ok": False, "error_code": status, "description": description}
    if parameters:
        body["parameters"] = parameters
    return web.json_response(body, status=status)


def _snake(method: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in method)


__all__ = ["BOT_NAME", "TOKEN", "Call", "FakeTelegram", "Fault", "buttons_of"]
