"""One run: our host in all situations, and its peak in turns with that of the others."""

import asyncio
import importlib.util
import os
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from functools import partial
from typing import Final

from bunri.benchmark.host.bound import Bound, bound_of
from bunri.benchmark.host.figures import (
    BUSY,
    LITSERVE,
    LITSERVE_SHARED,
    RAY,
    RAY_SHARED,
    TORCH,
    HostFigures,
    Latency,
    Overload,
    answered_per_second,
    latency,
)
from bunri.benchmark.host.load import Endpoint, Reply, by_callers, by_rate, send
from bunri.benchmark.host.memory_watch import MemoryWatch
from bunri.benchmark.host.server_process import Running, free_port, running
from bunri.benchmark.timing import in_turns
from bunri.settings import InferenceSettings
from bunri.wiring import open_local_classifier
from inference.classifier import Classifier

CALLERS: Final = 32
SHARES: Final = (0.1, 0.3, 0.5, 0.7, 0.8, 0.9)
"""Of the peak, at which latency is measured."""

BEYOND: Final = 3.0
"""Overload, in peaks."""

TURNS: Final = 2
"""Of each server, one after the other."""

_TOKEN: Final = "a-token-for-measuring-only"  # noqa: S105 - of a host on loopback that lives for minutes
_LONGEST_RECOVERY_S: Final = 60.0
_FIRST_S: Final = 10.0
"""Of an overload: memory may still grow to what a full queue takes."""

Start = Callable[[], AbstractAsyncContextManager[Running]]


async def measure_host(
    settings: InferenceSettings, photos: Sequence[bytes], seconds: float, said: Callable[[str], None]
) -> HostFigures:
    """Measure everything.

    Args:
        settings: which model; the host and its peers run with it.
        photos: sent in turns.
        seconds: each measurement takes; the overload six times as long.
        said: is told what comes next.

    Raises:
        ServerFailed: a server did not come up.
        WeightsError, BackendUnavailable: the model cannot be loaded.

    """
    cores = os.cpu_count() or 1
    starts: dict[str, Start] = {"ours": partial(_ours, settings, photos[0]), **_peers(settings, photos[0], cores)}
    classifier = await asyncio.to_thread(open_local_classifier, settings)
    try:
        bounds: list[Bound] = []
        peaks: dict[str, list[float]] = {name: [] for name in starts}
        share = 0.0
        for turn in range(TURNS):
            # In each turn beside the host's own peak: the speed of a shared machine drifts.
            said(f"the processor's bound, turn {turn + 1} of {TURNS}")
            bounds.append(await asyncio.to_thread(bound_of, classifier, photos, workers=cores, seconds=seconds / 2))
            for name, start in starts.items():
                said(f"{name}, {CALLERS} callers, turn {turn + 1} of {TURNS}")
                async with start() as server:
                    rate, share_now = await _peak(server, photos, seconds)
                    peaks[name].append(rate)
                    share = share_now if name == "ours" else share
        peak = statistics.median(peaks.pop("ours"))
        async with starts["ours"]() as server:
            said("one caller, in turns with the bare call")
            bare_ms, alone = await _alone(server, classifier, photos, seconds)
            by_load = {}
            for fraction in SHARES:
                said(f"photos at random, {fraction:.0%} of the peak")
                replies = await by_rate(
                    server.http, server.endpoint, photos, rate=fraction * peak, seconds=2 * seconds, seed=1
                )
                by_load[fraction] = latency(replies)
            said(f"{BEYOND:g} times the peak for {6 * seconds:g} s")
            overload = await _overload(server, photos, BEYOND * peak, 6 * seconds, 2 * alone.p50_ms / 1000)
            memory = server.memory_mb()
    finally:
        classifier.close()
    return HostFigures(
        bound=Bound(
            look=statistics.median(each.look for each in bounds),
            network=statistics.median(each.network for each in bounds),
        ),
        bare_ms=bare_ms,
        alone=alone,
        peak=peak,
        client_share=share,
        peers={
            name: statistics.median(peaks[name]) if name in peaks else None
            for name in (TORCH, LITSERVE, LITSERVE_SHARED, RAY, RAY_SHARED)
        },
        by_load=by_load,
        overload=overload,
        memory_mb=memory,
    )


def _ours(settings: InferenceSettings, photo: bytes) -> AbstractAsyncContextManager[Running]:
    port = free_port()
    environment = {
        "BUNRI_SERVE__PORT": str(port),
        "BUNRI_SERVE__TOKENS": _TOKEN,
        # One client stands for many bots here.
        "BUNRI_SERVE__IN_FLIGHT_PER_TOKEN": "100000",
        "BUNRI_INFERENCE__GENERATOR": "false",
        "BUNRI_INFERENCE__URLS": "",
        "BUNRI_INFERENCE__WEIGHTS": str(settings.weights),
        "BUNRI_INFERENCE__BACKEND": settings.backend,
        **({} if settings.model is None else {"BUNRI_INFERENCE__MODEL": settings.model}),
    }
    endpoint = Endpoint(f"http://127.0.0.1:{port}/v1/classify", _TOKEN)
    return running(["-m", "bunri.cli", "serve"], endpoint, photo, environment)


def _peers(settings: InferenceSettings, photo: bytes, cores: int) -> Mapping[str, Start]:
    model = [str(settings.weights), *([] if settings.model is None else [settings.model])]
    found: dict[str, Start] = {}

    def add(name: str, program: str, path: str, words: Sequence[str], *, is_form: bool) -> None:
        def start() -> AbstractAsyncContextManager[Running]:
            port = free_port()
            command = ["-m", f"bunri.benchmark.host.peers.{program}", str(port), str(cores), *words]
            endpoint = Endpoint(f"http://127.0.0.1:{port}{path}", is_form=is_form)
            return running(command, endpoint, photo, {"RAY_USAGE_STATS_ENABLED": "0"})

        found[name] = start

    if importlib.util.find_spec("litserve"):
        if importlib.util.find_spec("torchvision"):
            add(TORCH, "litserve_torch", "/predict", [], is_form=True)
        add(LITSERVE, "litserve_openvino", "/predict", ["plain", *model], is_form=True)
        add(LITSERVE_SHARED, "litserve_openvino", "/predict", ["shared", *model], is_form=True)
    if importlib.util.find_spec("ray"):
        add(RAY, "ray_openvino", "/", ["plain", *model], is_form=False)
        add(RAY_SHARED, "ray_openvino", "/", ["shared", *model], is_form=False)
    return found


async def _peak(server: Running, photos: Sequence[bytes], seconds: float) -> tuple[float, float]:
    """Photos a second, and the client's share of a core."""
    callers = partial(by_callers, server.http, server.endpoint, photos, callers=CALLERS)
    await callers(seconds=seconds / 4)  # queues and caches fill
    used, start = time.process_time(), time.perf_counter()
    replies = await callers(seconds=seconds)
    end = start + seconds
    share = (time.process_time() - used) / (time.perf_counter() - start)
    return answered_per_second(replies, start, end), share


async def _alone(
    server: Running, classifier: Classifier, photos: Sequence[bytes], seconds: float
) -> tuple[float, Latency]:
    replies: list[Reply] = []
    photo = photos[0]

    async def over_http() -> None:
        replies.append(await send(server.http, server.endpoint, photo))

    async def bare() -> None:
        classifier.backend.logits(classifier.look(photo).square[None])

    rounds = max(20, round(10 * seconds))
    times = await in_turns({"http": over_http, "bare": bare}, rounds)
    return times["bare"].median_ms, latency(replies[-rounds:])


async def _overload(server: Running, photos: Sequence[bytes], rate: float, seconds: float, fast_s: float) -> Overload:
    start = time.perf_counter()
    settled = start + min(_FIRST_S, seconds / 2)
    async with MemoryWatch(server) as watch:
        sending = asyncio.create_task(by_rate(server.http, server.endpoint, photos, rate=rate, seconds=seconds, seed=2))
        await asyncio.sleep(seconds)
        end = time.perf_counter()
        recovery = await _recovery(server, photos[0], end, fast_s)
        replies = await sending
    late = [reply for reply in replies if reply.status == BUSY]
    others = [reply for reply in replies if reply.status not in (200, BUSY)]
    return Overload(
        offered=len(replies) / (end - start),
        goodput=answered_per_second(replies, settled, end),
        refused=len(late) / len(replies),
        other=len(others) / len(replies),
        refusal=latency(late, BUSY),
        growth_mb=watch.growth(settled, end),
        recovery_s=recovery,
    )


async def _recovery(server: Running, photo: bytes, end: float, fast_s: float) -> float:
    """Seconds from ``end`` until a photo was answered within ``fast_s``; at most a minute is waited."""
    while time.perf_counter() < end + _LONGEST_RECOVERY_S:
        reply = await send(server.http, server.endpoint, photo)
        if reply.status == 200 and reply.took <= fast_s:
            return reply.ended - end
        await asyncio.sleep(0.05)
    return float("inf")
