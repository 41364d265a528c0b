"""Photos in folders named after what they show: ``DIR/<label>/*``, whatever the labels are."""

from pathlib import Path

from training.data_recipe import IMAGE_SUFFIXES, DataError
from training.photo import Photo


def photos_by_class_folder(root: Path) -> list[Photo]:
    """The photos in the folders of ``root``, in a fixed order; hidden entries are passed over.

    Raises:
        DataError: there is none.

    """
    photos = [
        Photo(file.relative_to(root).as_posix(), (folder.name,), root.name)
        for folder in sorted(root.iterdir())
        if folder.is_dir() and not folder.name.startswith(".")
        for file in sorted(folder.iterdir())
        # A dangling link counts too, so that it is reported and not overlooked.
        if file.suffix.lower() in IMAGE_SUFFIXES and not file.is_dir() and not file.name.startswith(".")
    ]
    if not photos:
        raise DataError(f"{root}: no photos in it; expected folders named after labels, with photos in them")
    return photos
