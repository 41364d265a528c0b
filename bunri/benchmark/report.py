"""The figures of one run and the targets they are held against."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from bunri.benchmark.telegram import TelegramFigures
from bunri.benchmark.timing import Times

MOST_OVERHEAD: Final = 1.6
"""Photo-to-answer / bare model call, at most."""

LEAST_SPEEDUP: Final = 5.0
"""torch eager fp32 ResNet-50 / photo-to-answer, at least."""

MOST_BESIDE_PICTURES: Final = 2.0
"""p95 of photo-to-answer while pictures are made / p95 alone, at most."""

MOST_SECONDS_FOR_FOUR_PICTURES: Final = 0.5

MOST_SECONDS_TO_READY: Final = 3.0

LEAST_TELEGRAM_PHOTOS_PER_SECOND: Final = 150.0

MOST_BOT_MEMORY_MB: Final = 150.0
"""Of a bot's process whose inference runs elsewhere."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What one run measured.

    Attributes:
        machine: what it ran on, by name.
        model: name and version of the weights.
        backend: engine, device and number type.
        threads: CPU threads of one model call.
        photo_bytes: size of the photo.
        model_call: the network alone, on prepared pixels.
        photo_to_answer: bytes in, JSON out, one at a time, through the asynchronous interface.
        decode: bytes to pixels alone.
        preprocess: pixels to the network's square alone.
        torch_resnet50: the yardstick; None where torch is not installed.
        seconds_to_ready: a fresh process until it can answer.
        photos_per_second: by number of concurrent callers.
        peak_memory_mb: of the measuring process.
        telegram: the Telegram adapter without a model.
        four_pictures: four generated pictures, marked; None where there is no generator.
        beside_pictures: photo-to-answer while pictures are made without end.

    """

    machine: Mapping[str, str | int | float]
    model: str
    backend: str
    threads: int
    photo_bytes: int
    model_call: Times
    photo_to_answer: Times
    decode: Times
    preprocess: Times
    torch_resnet50: Times | None
    seconds_to_ready: float
    photos_per_second: Mapping[int, float]
    peak_memory_mb: float | None
    telegram: TelegramFigures
    four_pictures: Times | None
    beside_pictures: Times | None


@dataclass(frozen=True, slots=True)
class Target:
    """A figure and its bound. ``value`` is None where it could not be measured."""

    name: str
    value: float | None
    bound: float
    sense: Literal["at most", "at least"]

    @property
    def met(self) -> bool | None:
        """Whether the value keeps to the bound; None where there is no value."""
        if self.value is None:
            return None
        return self.value <= self.bound if self.sense == "at most" else self.value >= self.bound


def targets(figures: Figures) -> tuple[Target, ...]:
    """The figures that Bunri promises."""
    answer = figures.photo_to_answer.median_ms
    torch, four, beside = figures.torch_resnet50, figures.four_pictures, figures.beside_pictures
    return (
        Target(
            "photo-to-answer / bare model call",
            answer / figures.model_call.median_ms,
            MOST_OVERHEAD,
            "at most",
        ),
        Target(
            "torch eager ResNet-50 / photo-to-answer",
            None if torch is None else torch.median_ms / answer,
            LEAST_SPEEDUP,
            "at least",
        ),
        Target("import to ready, s", figures.seconds_to_ready, MOST_SECONDS_TO_READY, "at most"),
        Target(
            "Telegram photos/s, model at 0 ms",
            figures.telegram.photos_per_second,
            LEAST_TELEGRAM_PHOTOS_PER_SECOND,
            "at least",
        ),
        Target("Telegram bot's peak memory, MB", figures.telegram.memory_mb, MOST_BOT_MEMORY_MB, "at most"),
        Target(
            "four pictures, s",
            None if four is None else four.median_ms / 1000,
            MOST_SECONDS_FOR_FOUR_PICTURES,
            "at most",
        ),
        Target(
            "p95 of an answer, beside pictures / alone",
            None if beside is None else beside.p95_ms / figures.photo_to_answer.p95_ms,
            MOST_BESIDE_PICTURES,
            "at most",
        ),
    )


def as_text(figures: Figures) -> str:
    """Tables for a terminal."""
    machine = ", ".join(f"{name} {value}" for name, value in figures.machine.items())
    timed = {
        "bare model call": figures.model_call,
        "photo-to-answer": figures.photo_to_answer,
        "  of that: decode": figures.decode,
        "  of that: preprocess": figures.preprocess,
        "photo-to-answer beside pictures": figures.beside_pictures,
        "four pictures": figures.four_pictures,
        "torch eager fp32 ResNet-50": figures.torch_resnet50,
    }
    lines = [
        machine,
        f"model {figures.model} on {figures.backend}, threads a call {figures.threads}, "
        f"photo {figures.photo_bytes / 1000:.0f} kB",
        "",
        f"{'':<32}{'median ms':>10}{'p95 ms':>10}",
        *(
            f"{name:<32}{'not here':>20}" if each is None else f"{name:<32}{each.median_ms:>10.2f}{each.p95_ms:>10.2f}"
            for name, each in timed.items()
        ),
        "",
        *(f"{callers} callers: {rate:.0f} photos/s" for callers, rate in figures.photos_per_second.items()),
    ]
    if figures.peak_memory_mb is not None:
        lines.append(f"peak memory: {figures.peak_memory_mb:.0f} MB")
    return "\n".join([*lines, "", *map(target_line, targets(figures))])


def target_line(target: Target) -> str:
    """A line of a terminal's table."""
    if target.value is None:
        value, verdict = "-", "not measured here"
    else:
        value, verdict = f"{target.value:.2f}", "met" if target.met else "MISSED"
    return f"{target.name:<42}{value:>8}   {target.sense} {target.bound:g}: {verdict}"
