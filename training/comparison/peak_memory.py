"""How much memory a training needs at most."""

import contextlib
from pathlib import Path

import torch


def forget_peak(device: str) -> None:
    """Begin to measure anew."""
    if device == "cuda":
        torch.cuda.reset_peak_memory_stats()
        return
    # Linux: 5 resets the high-water mark of this process alone (proc(5)).
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", "ascii")


def peak_bytes(device: str) -> int | None:
    """The most since ``forget_peak``: of the card's tensors, or of the whole process; None where it is not told."""
    if device == "cuda":
        return int(torch.cuda.max_memory_allocated())
    with contextlib.suppress(OSError, ValueError):
        for line in Path("/proc/self/status").read_text("ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return None
