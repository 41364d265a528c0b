"""A host over replicas: the contract of every host, and a replica that is killed in the middle of requests.

One real Ray on this machine, for all of these tests: it takes longer to start than they take.
"""

import asyncio
import importlib.util
import os
import shutil
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import psutil
import pytest

from bunri.cluster_settings import ClusterSettings
from bunri.wiring import open_inference, open_local_inference
from inference.answer import Classification
from inference.cluster.fleet import Fleet, Seen
from inference.errors import InferenceUnavailable
from inference.host.state import HostState
from inference.interface import Inference
from inference.labels import Label
from inference.manifest import write_index
from inference.model_names import ModelNames
from inference.wire import ClassificationBody, ProblemBody, classification_of
from tests.generator_fixture import packed_generator
from tests.host_process import TOKEN, HostProcess, bunri_host, caller
from tests.host_site import png
from tests.integration.test_host_contract import CLASSIFY, GENERATE, NEGATIVE, POSITIVE, answers_as_documented
from tests.integration.test_host_process import until_model
from tests.integration.test_remote_contract import BAD, GOOD, MAX_BYTES, outcome, settings_of
from tests.weights_fixture import TINY_NAME, tiny_manifest, write_manifest

__all__ = ["packed_generator"]

pytestmark = [
    pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="ray is not installed: extra [cluster]"),
    pytest.mark.timeout(600),
]

PHOTO = {"Content-Type": "image/png"}
AUTHORISED = {"Authorization": f"Bearer {TOKEN}"}

CONFIG = """
classify: {min_replicas: 2, max_replicas: 2, num_cpus: 1, target_ongoing_requests: 2, max_ongoing_requests: 4,
           max_queued_requests: 24}
generate: {max_replicas: 1}
ray: {num_cpus: 3, object_store_bytes: 80000000}
"""


@pytest.fixture(scope="module")
def weights(packed_generator: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of the cluster alone: the last test takes them away."""
    return Path(shutil.copytree(packed_generator, tmp_path_factory.mktemp("cluster") / "weights"))


@pytest.fixture(scope="module")
def host(weights: Path) -> Iterator[HostProcess]:
    config = weights.parent / "cluster.yaml"
    config.write_text(CONFIG, encoding="utf-8")
    settings = {
        "BUNRI_INFERENCE__MAX_BYTES": str(MAX_BYTES),
        "BUNRI_INFERENCE__CANDIDATES": "1",
        "BUNRI_SERVE__IN_FLIGHT_PER_TOKEN": "500",
        "BUNRI_SERVE__RELOAD_SECONDS": "0.5",
    }
    with bunri_host(weights, "cluster", "--config", str(config), **settings) as started:
        yield started


@pytest.fixture(scope="module")
def url(host: HostProcess) -> str:
    """Once both replicas and the one for pictures answer."""
    found = host.url

    async def until_all_run() -> None:
        async with caller() as http:
            await until_replicas(http, found, classify=2, generate=1)

    asyncio.run(until_all_run())
    return found


async def until_replicas(http: aiohttp.ClientSession, url: str, **kinds: int) -> None:
    """Wait until so many are seen to answer."""
    wanted = {f'bunri_replicas{{kind="{kind}"}} {count}.0' for kind, count in kinds.items()}
    while True:
        async with http.get(f"{url}metrics") as answer:
            if wanted <= set((await answer.text()).splitlines()):
                return
        await asyncio.sleep(0.2)


def replicas(host: HostProcess, kind: str) -> list[psutil.Process]:
    """The processes of the replicas, by the names that Ray gives them."""
    return [each for each in family(host) if f"ServeReplica:bunri-{kind}" in " ".join(each.cmdline())]


def family(host: HostProcess) -> list[psutil.Process]:
    """The host and every process that it started."""
    own = psutil.Process(host.process.pid)
    return [own, *own.children(recursive=True)]


@asynccontextmanager
async def remote(url: str) -> AsyncIterator[Inference]:
    chosen = {"urls": url, "token": TOKEN, "timeout_s": 60, "read_timeout_s": 60}
    inference = await open_inference(settings_of(Path(), **chosen))
    try:
        yield inference
    finally:
        await inference.close()


@asynccontextmanager
async def local(weights: Path) -> AsyncIterator[Inference]:
    inference = await open_local_inference(settings_of(weights, threads=1))
    try:
        yield inference
    finally:
        await inference.close()


async def test_replicas_say_the_same_as_a_model_in_this_process(url: str, weights: Path) -> None:
    async with local(weights) as here, remote(url) as there:
        for name, photo in (GOOD | BAD).items():
            assert await outcome(here, photo) == await outcome(there, photo), name
        assert await here.generate(Label.METAL, 3, 7) == await there.generate(Label.METAL, 3, 7)


@pytest.mark.parametrize(("route", "mode"), [(CLASSIFY, POSITIVE), (CLASSIFY, NEGATIVE), (GENERATE, NEGATIVE)])
def test_a_cluster_answers_as_the_document_of_a_host_says(url: str, route: tuple[str, str], mode: Any) -> None:
    answers_as_documented(url, route, mode, AUTHORISED, 5)


async def test_its_routes_are_those_of_a_host(url: str) -> None:
    async with caller() as http:
        async with http.post(f"{url}v1/classify", data=png(), headers={**PHOTO, "Authorization": "none"}) as answer:
            assert answer.status == 401
        async with http.post(f"{url}v1/classify", data=png(), headers={**PHOTO, "X-Deadline-Ms": "1"}) as answer:
            assert (answer.status, (await answer.json())["code"]) == (504, "deadline")
        async with http.get(f"{url}v1/labels", headers={"X-Request-Id": "named"}) as answer:
            told = await answer.json()
            assert (told["model"], told["generator"]) == ("tiny 0", "tiny-gan 0")
            assert answer.headers["X-Request-Id"] == "named"
        async with http.get(f"{url}metrics") as answer:
            figures = await answer.text()
    assert 'bunri_model_info{backend="openvino cpu int8",generator="tiny-gan 0",model="tiny 0"} 1.0' in figures
    for seen_in_replicas in (
        'bunri_stage_seconds_count{stage="network"}',
        'bunri_decode_errors_total{problem="empty"}',
    ):
        (count,) = [line.rpartition(" ")[2] for line in figures.splitlines() if line.startswith(seen_in_replicas)]
        assert float(count) > 0, seen_in_replicas


def test_nothing_of_it_can_be_reached_from_other_machines(url: str, host: HostProcess) -> None:
    assert url
    listening = {
        (each.name(), socket.laddr.ip)
        for each in family(host)
        for socket in each.net_connections("inet")
        if socket.status == psutil.CONN_LISTEN
    }
    assert len(listening) > 3
    assert {address for _, address in listening} <= {"127.0.0.1", "::ffff:127.0.0.1", "::1"}, listening


async def test_more_than_may_wait_is_refused_with_a_time_to_come_back(url: str) -> None:
    photo = png(side=900)

    async def send(http: aiohttp.ClientSession) -> int:
        async with http.post(f"{url}v1/classify", data=photo, headers=PHOTO) as answer:
            if answer.status != 200:
                told = ProblemBody.model_validate_json(await answer.read())
                assert (told.status, told.code) == (503, "busy")
                assert int(answer.headers["Retry-After"]) >= 1
            return answer.status

    async with caller(200) as http:
        outcomes = await asyncio.gather(*(send(http) for _ in range(150)))
    assert set(outcomes) == {200, 503}


async def test_a_replica_that_is_killed_under_load_costs_no_request_and_comes_back(
    url: str, host: HostProcess, weights: Path
) -> None:
    photos = [png(level, side=300) for level in range(20, 140, 20)]
    async with local(weights) as here:
        right = {photo: await here.classify(photo) for photo in photos}
    stop = asyncio.Event()
    answered: list[int] = []

    async def load(http: aiohttp.ClientSession, photo: bytes) -> None:
        while not stop.is_set():
            async with http.post(f"{url}v1/classify", data=photo, headers=PHOTO) as answer:
                assert answer.status == 200, await answer.text()
                assert classified(await answer.read()) == right[photo]
                answered.append(psutil.pid_exists(victim.pid))

    victim, survivor = replicas(host, "classify")
    async with caller() as http:
        loading = [asyncio.create_task(load(http, photo)) for photo in photos]
        while len(answered) < 12:  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.01)
        victim.send_signal(signal.SIGKILL)
        await until_replicas(http, url, classify=1)
        await until_replicas(http, url, classify=2)
        stop.set()
        await asyncio.gather(*loading)
    assert not all(answered), "requests were answered after it was killed"
    after = replicas(host, "classify")
    assert survivor in after
    assert len(after) == 2
    assert victim not in after


def classified(body: bytes) -> Classification:
    return classification_of(ClassificationBody.model_validate_json(body))


async def test_replicas_take_up_newer_weights_without_a_request_lost(
    url: str, host: HostProcess, weights: Path
) -> None:
    assert host.process.poll() is None
    folder = Path(shutil.copytree(weights / TINY_NAME, weights / "second"))
    write_manifest(folder, {**tiny_manifest(folder), "version": "2"})
    async with remote(url) as there, caller() as http:
        write_index(weights, classifier="second")
        seen: list[str] = []
        while seen[-8:] != ["second 2"] * 8:
            answer = await there.classify(GOOD["small"])
            assert replace(answer, model="") == replace(await there.classify(GOOD["small"]), model="")
            seen.append(answer.model)
        await until_model(http, url, "second 2")
    assert set(seen) <= {"tiny 0", "second 2"}


async def test_without_any_replica_it_says_so_in_time_and_still_ends_cleanly(
    url: str, host: HostProcess, weights: Path
) -> None:
    # What Ray Serve starts in their place finds no weights.
    (weights / "index.json").rename(weights / "gone.json")
    processes = family(host)
    for each in replicas(host, "classify"):
        os.kill(each.pid, signal.SIGKILL)
    async with caller() as http:
        headers = {**PHOTO, "X-Deadline-Ms": "1000"}
        async with http.post(f"{url}v1/classify", data=png(), headers=headers) as answer:
            told = ProblemBody.model_validate_json(await answer.read())
            assert (told.status, told.code) in {(504, "deadline"), (503, "starting")}
        async with http.post(f"{url}v1/classify", data=png(), headers=PHOTO) as answer:
            told = ProblemBody.model_validate_json(await answer.read())
            assert (told.status, told.code) == (503, "starting")
            assert int(answer.headers["Retry-After"]) >= 1
        async with http.get(f"{url}readyz") as answer:
            assert (answer.status, (await answer.json())["status"]) == (503, "starting")
        async with http.get(f"{url}healthz") as answer:
            assert answer.status == 200
    async with remote(url) as there:
        with pytest.raises(InferenceUnavailable, match="busy"):
            await there.classify(GOOD["small"])
    host.process.send_signal(signal.SIGTERM)
    assert host.ends() == 0
    _, left = psutil.wait_procs(processes, timeout=30)
    assert left == []
    assert not any(TOKEN in line for line in host.log)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of Ray's own models
def test_a_cluster_is_whole_once_a_replica_makes_pictures_too() -> None:
    from inference.cluster.client import ClusterInference, Kind

    calls: Any = None  # nothing is asked
    photos, pictures = (Kind(calls, Fleet(), ClusterSettings().classify.scaling()) for _ in range(2))
    cluster, without_pictures = (ClusterInference(HostState(), photos, each) for each in (pictures, None))
    photos.fleet.see(Seen(1))
    photos.names = ModelNames("tiny 0", "openvino", None)
    assert cluster.is_ready
    assert without_pictures.is_whole
    assert not cluster.is_whole
    pictures.fleet.see(Seen(1))
    assert not cluster.is_whole, "it has not said yet what it runs"
    pictures.names = ModelNames("tiny 0", "openvino", "tiny-gan 0")
    assert cluster.is_whole
