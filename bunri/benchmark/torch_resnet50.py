"""The yardstick: torchvision's ResNet-50, eager, fp32, on the CPU. Run as a program of its own.

The predecessor of Bunri served exactly this network so. Weights are random: they do not change the time.
"""

import sys
import time

import click

from bunri.benchmark.timing import times


def main(threads: int, rounds: int) -> None:
    """Print median and 95th percentile in milliseconds."""
    import torch
    import torchvision

    torch.set_num_threads(threads)
    network = torchvision.models.resnet50(weights=None).eval()
    photo = torch.rand(1, 3, 224, 224)
    seconds = []
    with torch.inference_mode():
        for turn in range(rounds + 3):
            start = time.perf_counter()
            network(photo)
            if turn >= 3:
                seconds.append(time.perf_counter() - start)
    measured = times(seconds)
    click.echo(f"{measured.median_ms} {measured.p95_ms}")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
