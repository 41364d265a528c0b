"""A bot and an inference host, each a process set by its environment alone: asked, killed, started again."""

import asyncio
import re
import signal
from pathlib import Path

from tests.fake_telegram.server import FakeTelegram
from tests.fake_telegram.updates import Person, Script
from tests.faulty_host import FaultyHost
from tests.host_process import TOKEN, HostProcess, bunri_serve
from tests.host_site import png
from tests.telegram_process import bunri_telegram

DOWN = "지금은 사진을 볼 수 없어요"
ASKED = re.compile(r"\[(\w+)\] POST /v1/classify 200 ")
ANSWERED = re.compile(r"query [A-Z2-9]{8}: request (\w+)")

PATIENCE_S = 120.0


async def listens(host: HostProcess) -> None:
    assert await asyncio.to_thread(lambda: host.url)


def names(pattern: re.Pattern[str], log: list[str]) -> set[str]:
    return {found[1] for line in log for found in pattern.finditer(line)}


async def test_a_photo_is_answered_by_the_host_and_one_that_came_while_it_was_dead_when_it_is_back(
    tiny_weights: Path, tmp_path: Path
) -> None:
    async with FaultyHost() as free:
        port, url = str(free.port), str(free.url)
    script = Script()
    async with FakeTelegram() as telegram:
        telegram.any_file = png()
        with bunri_telegram(telegram, tmp_path, url) as bots_log:
            with bunri_serve(tiny_weights, BUNRI_SERVE__PORT=port) as host:
                await listens(host)
                telegram.feed(script.photo(Person(), "first"))
                await telegram.until(lambda: len(telegram.sent) >= 1, PATIENCE_S)
                if DOWN in telegram.sent[0]["text"]:  # it was asked before it had loaded its model
                    await telegram.until(lambda: len(telegram.sent) >= 2, PATIENCE_S)
                host.process.send_signal(signal.SIGKILL)
                await asyncio.to_thread(host.ends)
            before = len(telegram.sent)
            telegram.feed(script.photo(Person(), "second"))
            await telegram.until(lambda: len(telegram.sent) > before, PATIENCE_S)
            assert DOWN in telegram.sent[before]["text"]
            with bunri_serve(tiny_weights, BUNRI_SERVE__PORT=port) as again:
                await listens(again)
                await telegram.until(lambda: len(telegram.sent) > before + 1, PATIENCE_S)
        assert DOWN not in telegram.sent[before - 1]["text"]
        assert DOWN not in telegram.sent[before + 1]["text"]
        assert len(telegram.sent) == before + 2, "each photo is answered once"
        assert telegram.problems == []
    assert names(ASKED, host.log), host.log
    assert names(ASKED, again.log), again.log
    assert names(ASKED, host.log) | names(ASKED, again.log) == names(ANSWERED, bots_log), (
        "a request has the same name in both logs"
    )
    told = "".join([*bots_log, *host.log, *again.log])
    assert TOKEN not in told
    assert "Traceback" not in told
