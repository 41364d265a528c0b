"""What the data commands look at in many photos, with progress bars on stderr."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from bunri.extras import needs_extra
from training.data_recipe import DataError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from training.check.suspects import Mislabels
    from training.photo import Photo
    from training.scan import Scanned, UnreadablePhoto

PROBE_NETWORK: Final = "efficientnet_lite0"
"""Whose features the mislabel probe uses: the fastest."""


@contextmanager
def told_what_to_mend() -> Iterator[None]:
    """Turn what a person can mend into a sentence."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise click.ClickException(needs_extra(f"{error.name} is missing", "train")) from error
    except DataError as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise click.ClickException(f"{error.filename}: {error.strerror}") from error


def scanned_photos(
    root: Path, photos: Sequence["Photo"], processes: int
) -> tuple[list["Scanned"], list["UnreadablePhoto"]]:
    """Every photo read once: those that can be, and those that cannot."""
    from training.scan import Scanned, UnreadablePhoto, scan

    scanned: list[Scanned] = []
    unreadable: list[UnreadablePhoto] = []
    with progress("reading", len(photos)) as advance:
        for one in scan(root, photos, processes):
            if isinstance(one, Scanned):
                scanned.append(one)
            else:
                unreadable.append(one)
            advance(1)
    return scanned, unreadable


def frozen_features_of(
    root: Path, photos: Sequence["Photo"], network: str, cache: Path, threads: int | None
) -> "NDArray[np.float32]":
    """(N, F) features by a network with its ImageNet weights, from the cache where it has them."""
    import torch

    from training.feature_cache import frozen_features

    if threads:
        torch.set_num_threads(threads)
    with progress("features", len(photos)) as advance:
        return frozen_features(cache, root, photos, network, advance)


def suspected_mislabels(
    root: Path, scanned: Sequence["Scanned"], distance: int, seed: int, cache: Path, threads: int | None
) -> "Mislabels":
    """What a probe on other folds finds unlikely; photos without a label must be left out before."""
    from training.check.mislabels import find_mislabels
    from training.near_duplicates import duplicate_groups
    from training.scan import hash_columns

    photos = [one.photo for one in scanned]
    features = frozen_features_of(root, photos, PROBE_NETWORK, cache, threads)
    groups = duplicate_groups(*hash_columns(scanned), distance)
    return find_mislabels(photos, features, groups, seed)


@contextmanager
def progress(name: str, length: int) -> Iterator[Callable[[int], None]]:
    """A bar that goes on by so many with each call of what it yields."""
    bar = click.progressbar(range(length), length, name, file=sys.stderr, update_min_steps=32)
    with bar:

        def advance(steps: int) -> None:
            bar.update(steps)

        yield advance
