"""``/healthz`` over HTTP: what a supervisor sees when an adapter or the database fails, and when it is back."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

import aiohttp
import pytest

from bunri.health_server import health_server
from bunri.household import Household
from bunri.running import Health
from db.database import Database
from db.inbox import Arrival
from tests.fake_telegram.bot import running_bot
from tests.fake_telegram.server import FakeTelegram, Fault
from tests.scripted_inference import ScriptedInference


@dataclass
class Switchable:
    """An adapter that is alive or not."""

    alive: bool = True

    async def start(self) -> None: ...
    async def run(self) -> None: ...
    async def stop(self, seconds: float) -> None: ...

    def is_alive(self, now: float) -> bool:
        return self.alive


@asynccontextmanager
async def health_of(database: Database, **adapters: Any) -> AsyncIterator[Any]:
    household = cast(Household, type("Of", (), {"database": database})())
    health = Health(household, adapters)
    async with health_server(health, "127.0.0.1", 0) as port, aiohttp.ClientSession() as http:

        async def asked() -> tuple[int, dict[str, Any]]:
            async with http.get(f"http://127.0.0.1:{port}/healthz") as answer:
                return answer.status, await answer.json()

        yield asked


async def test_a_dead_adapter_is_503_and_named_until_it_is_back(database: Database) -> None:
    telegram, discord_ = Switchable(), Switchable()
    async with health_of(database, telegram=telegram, discord=discord_) as asked:
        assert await asked() == (
            200,
            {"status": "ok", "database": "ok", "adapters": {"telegram": "ok", "discord": "ok"}},
        )
        discord_.alive = False
        status, found = await asked()
        assert (status, found["status"]) == (503, "failing")
        assert found["adapters"] == {"telegram": "ok", "discord": "not responding"}
        discord_.alive = True
        assert (await asked())[0] == 200


async def test_a_message_that_waits_too_long_is_503(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    await database.inbox.receive([Arrival("telegram", "1", b"{}", "")])
    async with health_of(database, telegram=Switchable()) as asked:
        assert (await asked())[0] == 200
        monkeypatch.setattr("bunri.running._LONGEST_BACKLOG_S", -timedelta(seconds=1).total_seconds())
        status, found = await asked()
    assert (status, found["adapters"]["telegram"]) == (503, "falling behind")


async def test_a_database_that_is_gone_is_503(database: Database) -> None:
    async with health_of(database, telegram=Switchable()) as asked:
        await database.close()
        status, found = await asked()
    assert (status, found["database"]) == (503, "not responding")


async def test_a_real_poller_that_gets_no_updates_any_more_is_noticed(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with (
        FakeTelegram() as telegram,
        running_bot(telegram, ScriptedInference(), tmp_path, poll_seconds=0) as (adapter, database),
        health_of(database, telegram=adapter) as asked,
    ):
        await telegram.until(lambda: telegram.of("getUpdates"))
        assert (await asked())[0] == 200
        telegram.faults["getUpdates"].extend([Fault(500, "Internal Server Error")] * 1_000)
        monkeypatch.setattr("bots.telegram.adapter._SILENCE_S", 0.05)
        polls = len(telegram.of("getUpdates"))
        await telegram.until(lambda: len(telegram.of("getUpdates")) >= polls + 5)
        status, found = await asked()
        assert (status, found["adapters"]) == (503, {"telegram": "not responding"})
        telegram.faults["getUpdates"].clear()
        monkeypatch.setattr("bots.telegram.adapter._SILENCE_S", 60.0)
        assert (await asked())[0] == 200
