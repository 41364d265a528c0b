import asyncio
from pathlib import Path

from pydantic import SecretStr

from bunri.bot_checks import bot_checks, secret_check
from bunri.check import Check, State
from bunri.settings import DatabaseSettings, Settings, TelegramSettings
from tests.fake_telegram.server import TOKEN, FakeTelegram


async def checked(token: str) -> list[Check]:
    async with FakeTelegram() as telegram:
        chosen = TelegramSettings(token=SecretStr(token), base_url=telegram.base_url)
        return await asyncio.to_thread(lambda: list(bot_checks(Settings(telegram=chosen))))


async def test_a_valid_token_and_the_clock_are_found_well() -> None:
    assert {check.name: check.state for check in await checked(TOKEN)} == {
        "telegram": State.OK,
        "clock": State.OK,
    }


async def test_a_refused_token_is_a_problem_and_is_not_shown() -> None:
    (check,) = await checked("777000111:AAWrongWrongWrongWrongWrongWrongWron")
    assert check.state is State.PROBLEM
    assert "BotFather" in check.remedy
    assert "Wrong" not in f"{check.found}{check.remedy}"


def test_no_network_is_a_note() -> None:
    chosen = TelegramSettings(token=SecretStr(TOKEN), base_url="http://127.0.0.1:9/bot")
    (check,) = bot_checks(Settings(telegram=chosen))
    assert check.state is State.NOTE


def test_a_secret_that_others_can_read_is_a_problem(tmp_path: Path) -> None:
    file = tmp_path / "secret.key"
    file.write_text("s" * 43)
    file.chmod(0o644)
    assert secret_check(DatabaseSettings(secret_file=file)).state is State.PROBLEM
    file.chmod(0o600)
    assert secret_check(DatabaseSettings(secret_file=file)).state is State.OK
