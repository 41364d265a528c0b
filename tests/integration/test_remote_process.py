"""A host that is a process of its own: killed in the middle of a request, and started again at the same address."""

import asyncio
import signal
from pathlib import Path

import pytest
from yarl import URL

from inference.errors import InferenceUnavailable
from inference.remote.client import RemoteInference
from inference.remote.options import RemoteOptions
from tests.faulty_host import FaultyHost
from tests.host_process import TOKEN, bunri_serve
from tests.host_site import png


async def until_answered(inference: RemoteInference) -> None:
    while True:
        try:
            assert (await inference.classify(png())).top
            return
        except InferenceUnavailable:
            await asyncio.sleep(0.2)


async def test_a_host_that_is_killed_gives_answers_or_the_typed_error_and_answers_when_it_is_back(
    tiny_weights: Path,
) -> None:
    async with FaultyHost() as free:
        port = free.port
    options = RemoteOptions(hosts=(URL(f"http://127.0.0.1:{port}/"),), token=TOKEN, timeout_s=30, read_s=20)
    inference = RemoteInference(options)
    try:
        with bunri_serve(tiny_weights, BUNRI_SERVE__PORT=str(port)) as host:
            assert await asyncio.to_thread(lambda: host.url)
            await until_answered(inference)
            calls = [asyncio.create_task(inference.classify(png(side=600))) for _ in range(30)]
            await asyncio.sleep(0)
            host.process.send_signal(signal.SIGKILL)
            for result in await asyncio.gather(*calls, return_exceptions=True):
                assert not isinstance(result, BaseException) or isinstance(result, InferenceUnavailable)
        with pytest.raises(InferenceUnavailable):
            await inference.classify(png())
        with bunri_serve(tiny_weights, BUNRI_SERVE__PORT=str(port)) as host:
            assert await asyncio.to_thread(lambda: host.url)
            await until_answered(inference)
    finally:
        await inference.close()
