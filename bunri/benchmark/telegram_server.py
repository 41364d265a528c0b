"""As much of the Bot API as photos in private chats need, as fast as it can be: the yardstick must not be the limit."""

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from aiohttp import web

TOKEN: Final = "1:benchmark"  # noqa: S105 - of a server that ends with the measurement
_ME: Final = {
    "id": 1,
    "is_bot": True,
    "first_name": "Bunri",
    "username": "bunri_bench_bot",
    "can_join_groups": True,
    "can_read_all_group_messages": False,
    "supports_inline_queries": False,
}
_DATE: Final = 1_760_000_000
_FIRST_PERSON: Final = 1_000


class BotApi:
    """Feeds photos of as many residents, and counts their answers."""

    def __init__(self, photo: bytes) -> None:
        """``photo`` is what every file holds."""
        self._photo = photo
        self._updates: deque[dict[str, Any]] = deque()
        self._fed = 0
        self._has_updates = asyncio.Event()
        self._answered: set[str] = set()
        self._expected = 0
        self._all_answered = asyncio.Event()
        self.base_url = ""
        self.base_file_url = ""

    async def answered(self, photos: int) -> None:
        """Feed one photo each of so many new residents, and wait until each of them has an answer."""
        self._expected += photos
        self._all_answered.clear()
        for _ in range(photos):
            self._fed += 1
            self._updates.append(_photo_update(self._fed))
        self._has_updates.set()
        await self._all_answered.wait()

    async def handle(self, request: web.Request) -> web.Response:
        """One call of a method."""
        method = request.match_info["method"]
        if method == "getUpdates":
            return _ok(await self._next_updates(float(str((await request.post()).get("timeout", "0")))))
        given = await request.post()
        if method == "sendMessage":
            chat = str(given["chat_id"])
            self._answered.add(chat)
            if len(self._answered) >= self._expected:
                self._all_answered.set()
            return _ok(_message(len(self._answered), int(chat), {"text": str(given["text"])}))
        if method == "getMe":
            return _ok(_ME)
        if method == "getFile":
            name = str(given["file_id"])
            return _ok({"file_id": name, "file_unique_id": name, "file_size": len(self._photo), "file_path": name})
        return _ok(True)

    async def file(self, _request: web.Request) -> web.Response:
        """A download."""
        return web.Response(body=self._photo)

    async def _next_updates(self, seconds: float) -> list[dict[str, Any]]:
        if not self._updates:
            self._has_updates.clear()
            try:
                async with asyncio.timeout(seconds):
                    await self._has_updates.wait()
            except TimeoutError:
                return []
        return [self._updates.popleft() for _ in range(min(100, len(self._updates)))]


@asynccontextmanager
async def bot_api(photo: bytes) -> AsyncIterator[BotApi]:
    """A running one, on a free port of this machine."""
    api = BotApi(photo)
    app = web.Application()
    app.router.add_route("*", "/bot{token}/{method}", api.handle)
    app.router.add_get("/file/bot{token}/{name}", api.file)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        address = f"http://127.0.0.1:{runner.addresses[0][1]}"
        api.base_url, api.base_file_url = f"{address}/bot", f"{address}/file/bot"
        yield api
    finally:
        await runner.cleanup()


def _ok(result: object) -> web.Response:
    return web.Response(text=json.dumps({"ok": True, "result": result}), content_type="application/json")


def _photo_update(number: int) -> dict[str, Any]:
    sizes = [
        {"file_id": f"photo-{number}-{side}", "file_unique_id": f"{number}-{side}", "width": side, "height": side}
        for side in (90, 320, 800, 1280)
    ]
    person = {"id": _FIRST_PERSON + number, "is_bot": False, "first_name": "R", "language_code": "ko"}
    return {
        "update_id": number,
        "message": _message(number, _FIRST_PERSON + number, {"photo": sizes}) | {"from": person},
    }


def _message(number: int, chat: int, content: dict[str, Any]) -> dict[str, Any]:
    return {"message_id": number, "date": _DATE, "chat": {"id": chat, "type": "private"}, **content}
