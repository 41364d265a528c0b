"""One run of all measurements."""

import asyncio
import os
import platform
import statistics
from pathlib import Path
from typing import Final

from bunri.benchmark.processes import peak_memory_mb, seconds_to_ready, torch_resnet50
from bunri.benchmark.report import Figures
from bunri.benchmark.telegram import measure_telegram
from bunri.benchmark.timing import beside, in_turns, per_second
from bunri.settings import InferenceSettings
from bunri.wiring import open_local_inference
from inference.labels import Label
from inference.wire import to_line

CALLERS: Final = (1, 2, 4, 8)
_SECONDS_PER_RATE: Final = 2.0
_STARTS: Final = 3
_TELEGRAM_PHOTOS: Final = 1_000
_TORCH_ROUNDS: Final = 20
_PICTURE_ROUNDS: Final = 10


async def measure(settings: InferenceSettings, photo: bytes, rounds: int) -> Figures:
    """Measure everything: the model in this process, the start of Bunri and torch in their own.

    Args:
        settings: which model and backend.
        photo: an image file.
        rounds: how often each action is timed.

    Raises:
        WeightsError, BackendUnavailable: the model cannot be loaded.
        DecodeError: the photo is none.
        subprocess.CalledProcessError, BotFailed: a process that was to be measured failed.

    """
    inference = await open_local_inference(settings)
    classifier = inference.classifier
    backend = classifier.backend
    pixels = classifier.decode(photo).pixels
    batch = classifier.prepare(pixels)[None]

    # These block the loop on purpose: nothing else runs on it, and a thread's wake-up is not theirs to pay.
    async def model_call() -> object:
        return backend.logits(batch)

    async def decode() -> object:
        return classifier.decode(photo)

    async def preprocess() -> object:
        return classifier.prepare(pixels)

    async def answer() -> str:
        return to_line(await inference.classify(photo))

    try:
        timed = await in_turns(
            {"model_call": model_call, "answer": answer, "decode": decode, "preprocess": preprocess}, rounds
        )
        rates = {callers: await per_second(answer, callers=callers, seconds=_SECONDS_PER_RATE) for callers in CALLERS}
        four = beside_pictures = None
        if inference.generator is not None:

            async def make() -> object:
                return await inference.generate(Label.PLASTIC, 4, 1)

            four = (await in_turns({"make": make}, _PICTURE_ROUNDS))["make"]
            beside_pictures = await beside(answer, make, rounds)
        peak = peak_memory_mb()
    finally:
        await inference.close()
    starts = [await asyncio.to_thread(seconds_to_ready, settings) for _ in range(_STARTS)]
    threads = max(1, backend.threads_per_call)
    return Figures(
        machine=described_machine(),
        model=classifier.manifest.title,
        backend=backend.name,
        threads=backend.threads_per_call,
        photo_bytes=len(photo),
        model_call=timed["model_call"],
        photo_to_answer=timed["answer"],
        decode=timed["decode"],
        preprocess=timed["preprocess"],
        torch_resnet50=await asyncio.to_thread(torch_resnet50, threads, _TORCH_ROUNDS),
        seconds_to_ready=statistics.median(starts),
        photos_per_second=rates,
        peak_memory_mb=peak,
        telegram=await measure_telegram(photo, _TELEGRAM_PHOTOS),
        four_pictures=four,
        beside_pictures=beside_pictures,
    )


def described_machine() -> dict[str, str | int | float]:
    """What the figures are of."""
    described: dict[str, str | int | float] = {
        "cpu": _cpu_name(),
        "cores": os.cpu_count() or 1,
        "python": platform.python_version(),
        "system": platform.system(),
    }
    if hasattr(os, "getloadavg"):
        # Neighbours that compute at the same time make every figure worse; the reader should see them.
        described["load"] = round(os.getloadavg()[0], 2)
    return described


def _cpu_name() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())
