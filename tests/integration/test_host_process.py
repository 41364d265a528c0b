"""The host as a process: it refuses to be open to everybody, drains, and takes up newer weights under load."""

import asyncio
import shutil
import signal
import socket
import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import aiohttp
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from inference.manifest import write_index
from tests.host_process import TOKEN, bunri_serve, caller, ready
from tests.host_site import png
from tests.weights_fixture import TINY_NAME, tiny_manifest, write_manifest

PHOTO = {"Content-Type": "image/png"}


def second_model(weights: Path, *, spoilt: bool = False) -> str:
    """The tiny model again, under another name and version."""
    name = "spoilt" if spoilt else "second"
    folder = Path(shutil.copytree(weights / TINY_NAME, weights / name))
    write_manifest(folder, {**tiny_manifest(folder), "version": "2"})
    if spoilt:
        (folder / "int8.bin").write_bytes(b"spoilt")
    return name


async def model_of(http: aiohttp.ClientSession, url: str) -> str:
    async with http.get(f"{url}v1/labels") as answer:
        told: str = (await answer.json())["model"]
        return told


async def until_model(http: aiohttp.ClientSession, url: str, model: str) -> None:
    while await model_of(http, url) != model:  # noqa: ASYNC110 - another process
        await asyncio.sleep(0.1)


async def readiness(http: aiohttp.ClientSession, url: str) -> dict[str, str]:
    async with http.get(f"{url}readyz") as answer:
        told: dict[str, str] = await answer.json()
        return told


async def figures(http: aiohttp.ClientSession, url: str) -> str:
    async with http.get(f"{url}metrics") as answer:
        return await answer.text()


@pytest.mark.parametrize("signal_number", [signal.SIGTERM, signal.SIGINT])
async def test_a_stopping_host_answers_what_it_has_and_ends_with_zero(
    tiny_weights: Path, signal_number: signal.Signals
) -> None:
    with bunri_serve(tiny_weights) as host:
        url = host.url
        async with caller() as http:
            await ready(http, url)

            async def send() -> int:
                async with http.post(f"{url}v1/classify", data=png(side=600), headers=PHOTO) as answer:
                    await answer.read()
                    return answer.status

            sending = [asyncio.create_task(send()) for _ in range(40)]
            while "bunri_photos_in_flight 0.0" in await figures(http, url):  # noqa: ASYNC110 - another process
                await asyncio.sleep(0)
            taken = await figures(http, url)
            for _ in range(3):
                host.process.send_signal(signal_number)
            outcomes = await asyncio.gather(*sending, return_exceptions=True)
            assert "bunri_photos_in_flight" in taken
        assert host.ends() == 0
    lost = [each for each in outcomes if each not in {200, 503} and not isinstance(each, aiohttp.ClientConnectorError)]
    assert lost == [], "each is answered, told that the host closes, or was never taken"
    assert outcomes.count(200) >= 1
    assert not any("Traceback" in line for line in host.log)


async def test_newer_weights_answer_without_a_request_lost(own_weights: Path) -> None:
    with bunri_serve(own_weights, BUNRI_SERVE__RELOAD_SECONDS="0.2") as host:
        url = host.url
        async with caller() as http:
            await ready(http, url)
            seen: list[str] = []
            stop = asyncio.Event()

            async def load() -> None:
                while not stop.is_set():
                    async with http.post(f"{url}v1/classify", data=png(), headers=PHOTO) as answer:
                        assert answer.status == 200, await answer.text()
                        seen.append((await answer.json())["model"])

            loading = [asyncio.create_task(load()) for _ in range(6)]
            write_index(own_weights, classifier=second_model(own_weights))
            await until_model(http, url, "second 2")
            write_index(own_weights, classifier=TINY_NAME)
            await until_model(http, url, "tiny 0")
            stop.set()
            await asyncio.gather(*loading)
            assert set(seen) == {"tiny 0", "second 2"}
            text = await figures(http, url)
            assert 'bunri_reloads_total{outcome="taken"} 2.0' in text
            assert 'model="tiny 0"' in text
            assert 'model="second 2"' not in text
        host.process.send_signal(signal.SIGTERM)
        assert host.ends() == 0


async def test_weights_that_cannot_be_used_leave_the_old_ones_answering_and_are_seen(own_weights: Path) -> None:
    with bunri_serve(own_weights, BUNRI_SERVE__RELOAD_SECONDS="0") as host:
        url = host.url
        async with caller() as http:
            await ready(http, url)
            write_index(own_weights, classifier=second_model(own_weights, spoilt=True))
            host.process.send_signal(signal.SIGHUP)
            while "bunri_reload_failed 1.0" not in await figures(http, url):  # noqa: ASYNC110 - another process
                await asyncio.sleep(0.05)
            async with http.get(f"{url}readyz") as answer:
                assert answer.status == 200
            assert await readiness(http, url) == {"status": "ready", "reload": "failed"}
            async with http.post(f"{url}v1/classify", data=png(), headers=PHOTO) as answer:
                assert (await answer.json())["model"] == "tiny 0"
            write_index(own_weights, classifier=second_model(own_weights))
            host.process.send_signal(signal.SIGHUP)
            await until_model(http, url, "second 2")
            while await readiness(http, url) != {"status": "ready"}:  # noqa: ASYNC110 - until the old one is closed
                await asyncio.sleep(0.05)
        host.process.send_signal(signal.SIGTERM)
        assert host.ends() == 0
    assert sum("newer weights cannot be used" in line for line in host.log) == 1


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate of 127.0.0.1 that signs itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a host of the tests")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    files = folder / "certificate.pem", folder / "key.pem"
    files[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain, pem = serialization.NoEncryption(), serialization.Encoding.PEM
    files[1].write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain))
    return files


async def test_with_a_certificate_it_speaks_tls_alone(tiny_weights: Path, tmp_path: Path) -> None:
    own, key = certificate(tmp_path)
    settings = {"BUNRI_SERVE__CERTIFICATE": str(own), "BUNRI_SERVE__KEY": str(key)}
    trusting = ssl.create_default_context(cafile=str(own))
    with bunri_serve(tiny_weights, **settings) as host:
        url = host.url
        assert url.startswith("https://")
        connector = aiohttp.TCPConnector(ssl=trusting)
        headers = {"Authorization": f"Bearer {TOKEN}", **PHOTO}
        async with aiohttp.ClientSession(headers=headers, connector=connector) as http:
            await ready(http, url)
            async with http.post(f"{url}v1/classify", data=png()) as answer:
                assert answer.status == 200
        async with aiohttp.ClientSession() as http:
            with pytest.raises(aiohttp.ClientError):
                await http.get(url.replace("https", "http"))
        host.process.send_signal(signal.SIGTERM)
        assert host.ends() == 0


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "203.0.113.1", "no-such-name.invalid"])
def test_without_a_token_it_does_not_listen_where_others_can_reach_it(tiny_weights: Path, address: str) -> None:
    with bunri_serve(tiny_weights, "--host", address, BUNRI_SERVE__TOKENS="") as host:
        host.ends()
    assert host.process.returncode == 1
    told = "".join(host.log)
    assert told.startswith(f"Error: {address} can be reached from other machines: set BUNRI_SERVE__TOKENS ")
    assert told.count("\n") == 1


async def test_without_a_token_it_answers_this_machine(tiny_weights: Path) -> None:
    with bunri_serve(tiny_weights, BUNRI_SERVE__TOKENS="") as host:
        url = host.url
        async with aiohttp.ClientSession() as http:
            await ready(http, url)
            async with http.get(f"{url}v1/labels") as answer:
                assert answer.status == 200


async def test_tokens_of_a_file_are_good_and_stay_out_of_the_log(tiny_weights: Path, tmp_path: Path) -> None:
    file = tmp_path / "tokens"
    file.write_text("# of the bots\nfirst-token-in-a-file\n\nsecond-token-in-a-file\n", encoding="utf-8")
    settings = {"BUNRI_SERVE__TOKENS_FILE": str(file), "BUNRI_LOG__LEVEL": "DEBUG"}
    with bunri_serve(tiny_weights, **settings) as host:
        url = host.url
        async with aiohttp.ClientSession() as http:
            await ready(http, url)
            for token, status in ((TOKEN, 200), ("second-token-in-a-file", 200), ("# of the bots", 401)):
                headers = {"Authorization": f"Bearer {token}", "X-Request-Id": f"asked-{status}"}
                async with http.get(f"{url}v1/labels", headers=headers) as answer:
                    assert answer.status == status
        host.process.send_signal(signal.SIGTERM)
        assert host.ends() == 0
    told = "".join(host.log)
    assert "token-in-a-file" not in told
    assert TOKEN not in told
    assert "asked-401" in told, "the callers' names of their requests are in the log"


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"BUNRI_SERVE__TOKENS": "short"}, "BUNRI_SERVE__TOKENS"),
        ({"BUNRI_SERVE__TOKENS_FILE": "/nowhere/at/all"}, "BUNRI_SERVE__TOKENS_FILE"),
        ({"BUNRI_SERVE__CERTIFICATE": "/nowhere/at/all"}, "BUNRI_SERVE__KEY"),
        (
            {"BUNRI_SERVE__CERTIFICATE": "/nowhere/at/all", "BUNRI_SERVE__KEY": "/nowhere/at/all"},
            "BUNRI_SERVE__CERTIFICATE",
        ),
        ({"BUNRI_INFERENCE__MODEL": "nothing"}, "there is no model 'nothing'"),
    ],
)
def test_what_an_operator_must_mend_is_one_line(tiny_weights: Path, settings: dict[str, str], told: str) -> None:
    with bunri_serve(tiny_weights, **settings) as host:
        host.ends()
    assert host.process.returncode == 1
    errors = [line for line in host.log if line.startswith("Error: ")]
    assert len(errors) == 1
    assert told in errors[0]
    assert "Traceback" not in "".join(host.log)


def test_a_port_in_use_is_one_line(tiny_weights: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with bunri_serve(tiny_weights, "--port", str(port)) as host:
            host.ends()
    assert host.process.returncode == 1
    assert "".join(host.log).startswith(f"Error: 127.0.0.1, port {port} is in use by another program: ")
