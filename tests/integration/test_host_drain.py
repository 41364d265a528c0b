"""A host that is asked to stop: whoever has sent a request is answered, whoever comes later is refused cleanly."""

import asyncio
import signal
import socket
from collections import Counter
from pathlib import Path

import aiohttp
import pytest
from yarl import URL

from inference.http.listening import refuse_newcomers, somebody_waits
from tests.host_process import TOKEN, bunri_serve, caller, ready
from tests.host_site import png

HEAD = (
    f"POST /v1/classify HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\nContent-Type: image/png\r\n"
    "Content-Length: {length}\r\n\r\n"
)


async def ask(port: int, photo: bytes) -> str:
    """A connection of its own and one photo: "refused", the answer's status, or how it was lost."""
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
    except ConnectionRefusedError:
        return "refused"
    except OSError as error:
        return f"lost while connecting: {type(error).__name__}"
    try:
        writer.write(HEAD.format(length=len(photo)).encode() + photo)
        line = await reader.readline()
        await reader.read()
    except OSError as error:
        return f"lost: {type(error).__name__}"
    finally:
        writer.transport.abort()
    return line.split()[1].decode() if line else "lost: nothing came"


async def test_who_connects_all_the_time_while_it_stops_is_answered_or_refused_and_never_reset(
    tiny_weights: Path,
) -> None:
    with bunri_serve(tiny_weights, BUNRI_SERVE__GRACE_SECONDS="0.3") as host:
        url = host.url
        port = URL(url).port
        assert port is not None
        async with caller() as http:
            await ready(http, url)
        outcomes: Counter[str] = Counter()
        photo = png()

        async def keep_asking() -> None:
            while True:
                outcome = await ask(port, photo)
                outcomes[outcome] += 1
                if outcome == "refused" or outcome.startswith("lost"):
                    return

        asking = [asyncio.create_task(keep_asking()) for _ in range(16)]
        while outcomes["200"] < 32:  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.01)
        host.process.send_signal(signal.SIGTERM)
        await asyncio.gather(*asking)
        assert host.ends() == 0
    assert set(outcomes) <= {"200", "503", "refused"}, outcomes
    assert outcomes["refused"] == 16


async def test_it_is_unready_and_answers_for_the_time_of_its_grace(tiny_weights: Path) -> None:
    with bunri_serve(tiny_weights, BUNRI_SERVE__GRACE_SECONDS="60") as host:
        url = host.url
        async with caller() as http:
            await ready(http, url)
            host.process.send_signal(signal.SIGTERM)
            while True:
                async with http.get(f"{url}readyz") as answer:
                    if answer.status == 503:
                        assert (await answer.json())["status"] == "draining"
                        break
            async with http.post(f"{url}v1/classify", data=png(), headers={"Content-Type": "image/png"}) as answer:
                assert answer.status == 200
                assert answer.headers["Connection"] == "close", "the next request goes elsewhere"


async def test_connections_that_the_kernel_holds_are_taken_in_before_the_socket_closes(tiny_weights: Path) -> None:
    with bunri_serve(tiny_weights, BUNRI_SERVE__GRACE_SECONDS="0") as host:
        url = host.url
        port = URL(url).port
        assert port is not None
        async with aiohttp.ClientSession() as http:
            await ready(http, url)
        # Stopped, it accepts nobody: all of these wait in the kernel, their requests sent, when the signal comes.
        host.process.send_signal(signal.SIGSTOP)
        asking = [asyncio.create_task(ask(port, png())) for _ in range(20)]
        await asyncio.sleep(0.3)
        host.process.send_signal(signal.SIGTERM)
        host.process.send_signal(signal.SIGCONT)
        outcomes = await asyncio.gather(*asking)
        assert host.ends() == 0
    assert set(outcomes) <= {"200", "503"}, outcomes


@pytest.mark.skipif(not hasattr(signal, "SIGRTMIN"), reason="Linux turns newcomers away")
def test_newcomers_are_turned_away_while_who_is_there_is_heard() -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    address = listener.getsockname()
    with listener, socket.create_connection(address) as early:
        assert somebody_waits([listener])
        assert refuse_newcomers([listener])
        early.sendall(b"hello")
        with socket.socket() as late, socket.socket() as patient:
            late.settimeout(0.2)
            with pytest.raises(TimeoutError):
                late.connect(address)
            accepted, _ = listener.accept()
            with accepted:
                assert accepted.recv(5) == b"hello"
            assert not somebody_waits([listener])
            listener.close()
            patient.settimeout(10)
            with pytest.raises(ConnectionRefusedError):
                patient.connect(address)
