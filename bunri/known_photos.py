"""Which photos of known truth a command scores: ``DIR``, or ``--split`` with ``--part`` and ``--root``."""

from pathlib import Path
from typing import Final

import click

from training.data_recipe import DataError
from training.labelled_photos import LabelledPhotos, photos_in_folders, photos_of_split, read_mapping
from training.split import Part

SCORED_PARTS: Final = (Part.TEST.value, Part.VAL.value, Part.STRANGERS.value)


def photos_of_choice(
    folder: Path | None,
    mapping_file: Path | None,
    split_file: Path | None,
    part: str | None,
    root: Path | None,
) -> tuple[LabelledPhotos, str]:
    """The photos of DIR, or of a part of a split file; and what they are, in words.

    Raises:
        click.UsageError: neither or both were given, or what was given cannot be read.
        click.ClickException: there is no photo.

    """
    if (folder is None) == (split_file is None):
        raise click.UsageError("give either DIR or --split FILE")
    try:
        if split_file is None:
            assert folder is not None
            if part or root:
                raise click.UsageError("--part and --root belong to --split")
            photos = photos_in_folders(folder, read_mapping(mapping_file) if mapping_file else None)
            data = str(folder)
        else:
            if mapping_file:
                raise click.UsageError("--map belongs to DIR; a split file names its labels itself")
            if root is None:
                raise click.UsageError("--split needs --root DIR, the folder its paths are relative to")
            chosen = Part(part or Part.TEST)
            photos = photos_of_split(split_file, chosen, root)
            data = f"{split_file}, part {chosen.value}"
    except DataError as error:
        raise click.UsageError(str(error)) from error
    if not photos.samples:
        raise click.ClickException(f"{data}: there are no photos to score")
    return photos, data
