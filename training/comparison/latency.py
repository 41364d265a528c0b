"""How long one picture takes on a CPU: what somebody without a card would wait."""

import statistics
import time
from pathlib import Path
from typing import Final

import torch
from pydantic import BaseModel, ConfigDict, ValidationError

from training.comparison.architectures import Name, build_network
from training.comparison.trial_record import write_whole

_WARM: Final = 3
_RUNS: Final = 15


class Latency(BaseModel):
    """Median and quartiles of one forward pass, fp32, one thread, in milliseconds."""

    model_config = ConfigDict(frozen=True)

    side: int
    median: float
    low: float
    high: float


def latency_of(name: Name, classes: int, side: int, file: Path) -> Latency:
    """Measure one picture of this side on one thread, or read what was measured before."""
    try:
        kept = Latency.model_validate_json(file.read_text("utf-8"))
        if kept.side == side:
            return kept
    except (OSError, ValidationError):
        pass
    measured = _measure(name, classes, side)
    file.parent.mkdir(parents=True, exist_ok=True)
    write_whole(file, measured.model_dump_json() + "\n")
    return measured


@torch.inference_mode()
def _measure(name: Name, classes: int, side: int) -> Latency:
    threads = torch.get_num_threads()
    network = build_network(name, classes, "scratch", side).eval()
    network.to(memory_format=torch.channels_last)
    picture = torch.zeros(1, 3, side, side).contiguous(memory_format=torch.channels_last)
    times = []
    try:
        torch.set_num_threads(1)
        for run in range(_WARM + _RUNS):
            began = time.perf_counter()
            network(picture)
            if run >= _WARM:
                times.append((time.perf_counter() - began) * 1000)
    finally:
        torch.set_num_threads(threads)
    low, median, high = statistics.quantiles(times, n=4)
    return Latency(side=side, median=median, low=low, high=high)
