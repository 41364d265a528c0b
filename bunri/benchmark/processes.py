"""What is measured in a process of its own: the start of Bunri, and torch."""

import importlib.util
import subprocess
import sys
import time
from typing import Final

from bunri.benchmark.timing import Times
from bunri.settings import InferenceSettings

_READY: Final = """
import asyncio, sys
from bunri.settings import InferenceSettings
from bunri.wiring import open_local_inference
asyncio.run(open_local_inference(InferenceSettings.model_validate_json(sys.argv[1])))
print("ready", flush=True)
"""


def seconds_to_ready(settings: InferenceSettings) -> float:
    """Wall time from starting a fresh Python until it can answer, the interpreter's own start included.

    Raises:
        subprocess.CalledProcessError: the process failed.

    """
    command = [sys.executable, "-c", _READY, settings.model_dump_json()]
    start = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own words
        assert process.stdout is not None
        line = process.stdout.readline()
        elapsed = time.perf_counter() - start
    if line.strip() != "ready" or process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return elapsed


def torch_resnet50(threads: int, rounds: int) -> Times | None:
    """Wall times of torch eager fp32 ResNet-50 on one 224x224 photo; None where torch is not installed."""
    if not (importlib.util.find_spec("torch") and importlib.util.find_spec("torchvision")):
        return None
    command = [sys.executable, "-m", "bunri.benchmark.torch_resnet50", str(threads), str(rounds)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)  # noqa: S603 - our own words
    median, p95 = (float(word) for word in done.stdout.split()[-2:])
    return Times(median, p95, rounds)


def peak_memory_mb() -> float | None:
    """The most memory that this process has held, in MB; None on Windows."""
    if sys.platform == "win32":
        return None
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak * 1024 / 1e6
