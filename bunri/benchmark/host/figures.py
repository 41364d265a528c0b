"""What one run measured of the host, and the targets that it is held against."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from bunri.benchmark.host.bound import Bound
from bunri.benchmark.host.load import Reply
from bunri.benchmark.report import Target

LEAST_OF_BOUND: Final = 0.9
LEAST_OVER_LITSERVE_TORCH: Final = 6.0
LEAST_OVER_SAME_MODEL: Final = 1.6
MOST_ALONE: Final = 1.5
"""p50 of a photo over HTTP / bare call and decoding."""

MOST_UNDER_LOAD: Final = 4.0
"""p99 at 70 % load / p50 alone."""

LEAST_GOODPUT: Final = 0.9
"""Photos answered a second beyond capacity / the most that it answers."""

MOST_RECOVERY_S: Final = 2.0
MOST_MEMORY_MB: Final = 500.0
MOST_GROWTH_MB: Final = 25.0
"""While overloaded: what counts as flat."""

BUSY: Final = 503

_LEAST: Final = "at least"
_MOST: Final = "at most"


@dataclass(frozen=True, slots=True)
class Latency:
    """Of so many answers, in milliseconds."""

    p50_ms: float
    p99_ms: float
    photos: int


def latency(replies: Sequence[Reply], status: int = 200) -> Latency:
    """Median and 99th percentile of the answers with this status; NaN where there is none."""
    took = [1000 * reply.took for reply in replies if reply.status == status]
    if not took:
        return Latency(float("nan"), float("nan"), 0)
    return Latency(float(np.median(took)), float(np.quantile(took, 0.99)), len(took))


def answered_per_second(replies: Sequence[Reply], start: float, end: float) -> float:
    """Photos whose answer came between two moments, a second."""
    return sum(reply.status == 200 and start <= reply.ended < end for reply in replies) / (end - start)


@dataclass(frozen=True, slots=True)
class Overload:
    """A minute at three times what it can answer.

    Attributes:
        offered: photos a second that were sent; what the client managed.
        goodput: photos a second that were answered.
        refused: share that was told to come back later.
        other: share that got anything else, or no answer.
        refusal: how long those waited.
        growth_mb: memory at the end less memory after ten seconds; None where the system does not tell.
        recovery_s: until a photo is answered as fast as twice the time alone, counted from the last one sent.

    """

    offered: float
    goodput: float
    refused: float
    other: float
    refusal: Latency
    growth_mb: float | None
    recovery_s: float


@dataclass(frozen=True, slots=True)
class HostFigures:
    """What one run measured.

    Attributes:
        bound: the processor's limit, without a server.
        bare_ms: bare call and decoding of one photo, median, in turns with ``alone``.
        alone: one caller.
        peak: photos a second, 32 callers, the median of its turns.
        client_share: what the client used of a core at the peak; it runs on the same machine.
        peers: photos a second of the others, 32 callers; None where one is not installed.
        by_load: latency by share of the peak, photos coming at random.
        overload: beyond the peak.
        memory_mb: resident after all of it, classifier only.

    """

    bound: Bound
    bare_ms: float
    alone: Latency
    peak: float
    client_share: float
    peers: Mapping[str, float | None]
    by_load: Mapping[float, Latency]
    overload: Overload
    memory_mb: float | None


TORCH: Final = "LitServe, torch ResNet-50"
LITSERVE: Final = "LitServe, same OpenVINO model"
LITSERVE_SHARED: Final = "LitServe, same model, Bunri's decoder"
RAY: Final = "Ray Serve, same OpenVINO model"
RAY_SHARED: Final = "Ray Serve, same model, Bunri's decoder"


def host_targets(figures: HostFigures) -> tuple[Target, ...]:
    """The figures that the host promises."""
    overload = figures.overload

    def over(peer: str) -> float | None:
        rate = figures.peers.get(peer)
        return None if rate is None else figures.peak / rate

    loaded = figures.by_load.get(0.7)
    return (
        Target("peak / the processor's bound", figures.peak / figures.bound.photos_per_second, LEAST_OF_BOUND, _LEAST),
        Target(f"peak / {TORCH}", over(TORCH), LEAST_OVER_LITSERVE_TORCH, _LEAST),
        Target(f"peak / {LITSERVE}", over(LITSERVE), LEAST_OVER_SAME_MODEL, _LEAST),
        Target(f"peak / {RAY}", over(RAY), LEAST_OVER_SAME_MODEL, _LEAST),
        Target("p50 alone / bare call and decoding", figures.alone.p50_ms / figures.bare_ms, MOST_ALONE, _MOST),
        Target(
            "p99 at 70 % load / p50 alone",
            None if loaded is None else loaded.p99_ms / figures.alone.p50_ms,
            MOST_UNDER_LOAD,
            _MOST,
        ),
        Target("goodput beyond capacity / peak", overload.goodput / figures.peak, LEAST_GOODPUT, _LEAST),
        Target("neither answered nor told to wait, %", 100 * overload.other, 0.0, _MOST),
        Target("memory's growth beyond capacity, MB", overload.growth_mb, MOST_GROWTH_MB, _MOST),
        Target("recovery, s", overload.recovery_s, MOST_RECOVERY_S, _MOST),
        Target("memory with the classifier only, MB", figures.memory_mb, MOST_MEMORY_MB, _MOST),
    )
