"""The fake: a REST interface, a gateway and a file server on one port.

async with running() as discord_:
    ...start the bot...
    await discord_.connected()
    url = discord_.put_file("photo.jpg", jpeg)
    await discord_.say(ALICE, CHANNEL, attachments=[attachment(url, "photo.jpg", len(jpeg))])
    answer = await discord_.call("POST", "/channels/*/messages")
"""

import asyncio
import contextlib
import fnmatch
import itertools
import json
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final
from unittest.mock import patch

import yarl
from aiohttp import WSMsgType, web
from discord.gateway import DiscordWebSocket
from discord.http import Route

from tests.fake_discord import payloads
from tests.fake_discord.payloads import APPLICATION, BUNRI, GUILD, PEOPLE, Payload, snowflake
from tests.fake_discord.specification import specification

PATIENCE: Final = 30.0
"""Seconds that a test waits for what must come."""

TOKEN: Final = "fake.discord.token"


@dataclass(frozen=True, slots=True)
class Call:
    """A request that the bot made. ``files`` holds the name and bytes of what it uploaded."""

    method: str
    path: str
    body: Any
    files: tuple[tuple[str, bytes], ...] = ()


@dataclass(slots=True)
class Fault:
    """What comes instead of an answer, so many times, where the method and the path (a glob) fit."""

    method: str
    path: str
    status: int
    body: Payload = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    times: int = 1


@dataclass(frozen=True, slots=True)
class _File:
    content: bytes
    gate: asyncio.Event | None
    breaks_off: list[None]
    states_length: bool = True


class FakeDiscord:
    """See the module. ``violations`` lists what the published description forbids; tests find it empty."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.faults: list[Fault] = []
        self.violations: list[str] = []
        self.identified: list[Payload] = []
        self.resumed: list[Payload] = []
        self.close_on_identify: int | None = None
        self.guilds_of_bot = 1
        self.guild = payloads.guild()
        self.base = ""
        self._files: dict[str, _File] = {}
        self._messages: dict[str, Payload] = {}
        self._sockets: list[web.WebSocketResponse] = []
        self._waiting: list[tuple[Callable[[], bool], asyncio.Event]] = []
        self._sequence = 0
        self._ready = 0

    # ---- what a test does

    async def connected(self, times: int = 1) -> None:
        """Wait until the bot was greeted so often (READY or RESUMED)."""
        await self.until(lambda: self._ready >= times)

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait for something that comes with a call or on the gateway."""
        if condition():
            return
        event = asyncio.Event()
        self._waiting.append((condition, event))
        await asyncio.wait_for(event.wait(), PATIENCE)

    async def call(self, method: str, path: str, number: int = 1) -> Call:
        """Wait for the so-manieth call whose path fits the glob."""
        await self.until(lambda: len(self.calls_to(method, path)) >= number)
        return self.calls_to(method, path)[number - 1]

    def calls_to(self, method: str, path: str) -> list[Call]:
        return [each for each in self.calls if each.method == method and fnmatch.fnmatchcase(each.path, path)]

    def answers(self) -> list[Call]:
        """Every message that Bunri wrote or rewrote for an interaction."""
        return self.calls_to("PATCH", "/webhooks/*") + self.calls_to("POST", "/webhooks/*")

    def answer_of(self, interaction: Payload) -> Payload:
        """The message that answered a command."""
        return self._messages[interaction["id"]]

    def messages_of_bunri(self) -> list[Payload]:
        """What Bunri said, as it stands now."""
        return [each for each in self._messages.values() if each["author"] == BUNRI]

    def put_file(self, name: str, content: bytes, *, gate: asyncio.Event | None = None, breaks_off: int = 0) -> str:
        """Offer a file; it waits at ``gate``, and breaks off in the middle the first ``breaks_off`` times."""
        self._files[name] = _File(content, gate, [None] * breaks_off)
        return f"{self.base}/files/{name}"

    def remove_file(self, name: str) -> None:
        del self._files[name]

    async def send(self, event: str, data: Payload) -> None:
        """An event on the gateway."""
        self._sequence += 1
        for socket in self._sockets:
            with contextlib.suppress(ConnectionError):
                await socket.send_str(json.dumps({"op": 0, "t": event, "s": self._sequence, "d": data}))

    async def say(self, who: int, channel: int, content: str = "", **more: Any) -> Payload:
        """Somebody writes a message. ``is_mention`` makes it one of Bunri."""
        number = snowflake()
        if more.pop("is_mention", False):
            content = f"<@{APPLICATION}> {content}"
            more["mentions"] = [{**BUNRI, "member": _bare_member()}]
        said = payloads.message(number, channel, PEOPLE[who], content=content, **more)
        if channel != payloads.DM_CHANNEL:
            said |= {"guild_id": str(GUILD), "member": {k: v for k, v in payloads.member(who).items() if k != "user"}}
        self._messages[str(number)] = said
        await self.send("MESSAGE_CREATE", said)
        return said

    async def command(
        self,
        name: str,
        *,
        who: int = payloads.ALICE,
        channel: int = payloads.CHANNEL,
        locale: str = "en-US",
        photo: Payload | None = None,
        **options: str | int,
    ) -> Payload:
        """Somebody uses a slash command."""
        given = [
            {"name": key, "type": 4 if isinstance(value, int) else 3, "value": value} for key, value in options.items()
        ]
        data: Payload = {"id": str(snowflake()), "name": name, "type": 1, "options": given}
        if photo is not None:
            given.append({"name": "photo", "type": 11, "value": photo["id"]})
            data["resolved"] = {"attachments": {photo["id"]: photo}}
        return await self._interact(2, data, who, channel, locale)

    async def press(
        self, custom_id: str, message: Payload, *, who: int = payloads.ALICE, locale: str = "en-US", choice: str = ""
    ) -> Payload:
        """Somebody presses a button of a message, or takes an entry of a menu."""
        kind: Payload = {"component_type": 3, "values": [choice]} if choice else {"component_type": 2}
        data = {"custom_id": custom_id, "id": 1, **kind}
        return await self._interact(3, data, who, int(message["channel_id"]), locale, message=message)

    async def disconnect(self, code: int = 1006) -> None:
        """Break the gateway connection; 1006 does it without a word."""
        for socket in self._sockets[:]:
            if code == 1006:
                transport = socket._req.transport if socket._req else None
                if transport is not None:
                    transport.abort()
            else:
                await socket.close(code=code)

    # ---- the interface

    def application(self) -> web.Application:
        app = web.Application(client_max_size=64 * 2**20)
        app.router.add_get("/gateway", self._gateway)
        app.router.add_get("/files/{name}", self._file)
        app.router.add_route("*", "/api{path:/.*}", self._api)
        return app

    async def _interact(self, kind: int, data: Payload, who: int, channel: int, locale: str, **more: Any) -> Payload:
        made = payloads.interaction(kind, data, user_id=who, channel=channel, locale=locale) | more
        await self.send("INTERACTION_CREATE", made)
        return made

    def _woken(self) -> None:
        for condition, event in self._waiting[:]:
            if condition():
                event.set()
                self._waiting.remove((condition, event))

    async def _api(self, request: web.Request) -> web.StreamResponse:
        path = request.match_info["path"]
        body, files = await _read(request)
        fault = next(
            (
                each
                for each in self.faults
                if each.times and each.method == request.method and fnmatch.fnmatchcase(path, each.path)
            ),
            None,
        )
        if fault is not None:
            fault.times -= 1
            answer: Any = fault.body
            status, headers = fault.status, fault.headers
        elif path.startswith("/webhooks/") or path.startswith("/interactions/"):
            status, answer, headers = *self._answer(request.method, path, body), {}
        elif request.headers.get("Authorization") != f"Bot {TOKEN}":
            status, answer, headers = 401, {"message": "401: Unauthorized", "code": 0}, {}
        else:
            status, answer, headers = *self._answer(request.method, path, body), {}
        self.calls.append(Call(request.method, path, body, files))
        judge = specification()
        if judge is not None and fault is None and status < 400:
            self.violations += judge.faults(request.method, path, body, status, answer)
        self._woken()
        if answer is None:
            return web.Response(status=status, headers=headers)
        # Exactly this content type: discord.py compares the whole header.
        headers = {"Content-Type": "application/json", **headers}
        return web.Response(status=status, body=json.dumps(answer).encode(), headers=headers)

    def _answer(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        parts = path.strip("/").split("/")
        match method, parts:
            case "GET", ["users", "@me"]:
                return 200, {**BUNRI, "mfa_enabled": False, "locale": "en-US"}
            case "GET", ["oauth2", "applications", "@me"]:
                return 200, payloads.application(guilds=self.guilds_of_bot)
            case "GET", ["gateway", "bot"]:
                limits = {"total": 1000, "remaining": 999, "reset_after": 1, "max_concurrency": 1}
                return 200, {"url": self.gateway, "shards": 1, "session_start_limit": limits}
            case "PUT", ["applications", _, "commands"] | ["applications", _, "guilds", _, "commands"]:
                return 200, [_registered(each) for each in body]
            case "POST", ["channels", _, "typing"]:
                return 204, None
            case "POST", ["channels", channel, "messages"]:
                return 200, self._keep(snowflake(), int(channel), body)
            case "GET", ["channels", _, "messages", number] if number in self._messages:
                return 200, self._messages[number]
            case "POST", ["interactions", number, _, "callback"]:
                made = {"id": number, "type": 2, "response_message_id": str(snowflake())}
                return 200, {"interaction": made}
            case "PATCH", ["webhooks", _, token, "messages", "@original"]:
                return 200, self._keep(int(token.rpartition("-")[2]), payloads.CHANNEL, body)
            case "DELETE", ["webhooks", _, _, "messages", "@original"]:
                return 204, None
            case "POST", ["webhooks", _, _]:
                return 200, self._keep(snowflake(), payloads.CHANNEL, body)
        return 404, {"message": "404: Not Found", "code": 10008 if "messages" in parts else 0}

    def _keep(self, number: int, channel: int, body: Any) -> Payload:
        kept = payloads.message(number, channel, BUNRI, content=body.get("content") or "")
        kept["components"] = _numbered(body.get("components") or [], itertools.count(1))
        self._messages[str(number)] = kept
        return kept

    @property
    def gateway(self) -> str:
        return f"{self.base.replace('http', 'ws')}/gateway"

    async def _file(self, request: web.Request) -> web.StreamResponse:
        file = self._files.get(request.match_info["name"])
        if file is None:
            return web.Response(status=404)
        if file.gate is not None:
            await file.gate.wait()
        answer = web.StreamResponse(headers={"Content-Length": str(len(file.content))})
        await answer.prepare(request)
        if file.breaks_off:
            file.breaks_off.pop()
            await answer.write(file.content[: len(file.content) // 2])
            assert request.transport is not None
            request.transport.abort()
            return answer
        await answer.write(file.content)
        await answer.write_eof()
        return answer

    async def _gateway(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_str(json.dumps({"op": 10, "d": {"heartbeat_interval": 41250}, "s": None, "t": None}))
        self._sockets.append(socket)
        try:
            async for received in socket:
                if received.type is WSMsgType.TEXT:
                    await self._heard(socket, json.loads(received.data))
        finally:
            self._sockets.remove(socket)
        return socket

    async def _heard(self, socket: web.WebSocketResponse, said: Payload) -> None:
        match said["op"]:
            case 1:
                await socket.send_str(json.dumps({"op": 11, "d": None, "s": None, "t": None}))
            case 2:
                self.identified.append(said["d"])
                if self.close_on_identify is not None:
                    await socket.close(code=self.close_on_identify)
                    return
                await self.send("READY", self._greeting(said["d"]))
                await self.send("GUILD_CREATE", self.guild)
                self._ready += 1
                self._woken()
            case 6:
                self.resumed.append(said["d"])
                await self.send("RESUMED", {})
                self._ready += 1
                self._woken()

    def _greeting(self, identified: Payload) -> Payload:
        greeting: Payload = {
            "v": 10,
            "user": {**BUNRI, "mfa_enabled": False, "verified": True},
            "guilds": [{"id": str(GUILD), "unavailable": True}],
            "session_id": "fake-session",
            "resume_gateway_url": self.gateway,
            "application": {"id": str(APPLICATION), "flags": 0},
        }
        return greeting | ({"shard": identified["shard"]} if "shard" in identified else {})


@contextlib.asynccontextmanager
async def running(fake: FakeDiscord | None = None, port: int = 0) -> AsyncIterator[FakeDiscord]:
    """The fake, serving; discord.py in this process talks to it."""
    discord_ = fake or FakeDiscord()
    runner = web.AppRunner(discord_.application(), shutdown_timeout=1.0)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", port)
    await site.start()
    bound = runner.addresses[0][1]
    discord_.base = f"http://127.0.0.1:{bound}"
    try:
        with pointed_at(discord_.base):
            yield discord_
    finally:
        await runner.cleanup()


@contextlib.contextmanager
def pointed_at(base: str) -> Iterator[None]:
    """discord.py in this process talks to the fake at this address."""
    gateway = yarl.URL(f"{base.replace('http', 'ws')}/gateway")
    with patch.object(Route, "BASE", f"{base}/api"), patch.object(DiscordWebSocket, "DEFAULT_GATEWAY", gateway):
        yield


async def _read(request: web.Request) -> tuple[Any, tuple[tuple[str, bytes], ...]]:
    if not request.content_type.startswith("multipart/"):
        text = await request.text()
        return (json.loads(text) if text else None), ()
    form = await request.post()
    body = json.loads(str(form["payload_json"]))
    files = [each for key, each in form.items() if key.startswith("files[")]
    return body, tuple((each.filename, each.file.read()) for each in files if isinstance(each, web.FileField))


def _bare_member() -> Payload:
    return {key: value for key, value in payloads.member(APPLICATION, BUNRI).items() if key != "user"}


def _numbered(components: list[Payload], numbers: Iterator[int]) -> list[Payload]:
    return [
        {**each, "id": next(numbers)}
        | ({"components": _numbered(each["components"], numbers)} if "components" in each else {})
        for each in components
    ]


def _registered(command: Payload) -> Payload:
    return {
        "id": str(snowflake()),
        "application_id": str(APPLICATION),
        "version": str(snowflake()),
        "default_member_permissions": None,
        "type": 1,
        "description": "",
        "dm_permission": True,
        "nsfw": False,
        **command,
    }
