"""The forms in which photos leave: one module each, all behind ``Format``."""

from db.exporting.formats.cvat import Cvat
from db.exporting.formats.format import Format
from db.exporting.formats.huggingface import HuggingFace
from db.exporting.formats.image_folder import ImageFolder
from db.exporting.formats.label_studio import LabelStudio
from db.exporting.formats.table import Table

FORMATS: dict[str, Format] = {
    each.name: each for each in (LabelStudio(), ImageFolder(), HuggingFace(), Cvat(), Table())
}
"""By name; the first is the default."""

__all__ = ["FORMATS", "Format"]
