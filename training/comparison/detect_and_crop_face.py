"""Step ``detect_and_crop_face``: the largest face of a photo, by OpenCV's cascades (Viola & Jones 2001).

The cascade lies in OpenCV's wheel: nothing is downloaded. It finds upright frontal faces.
"""

from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from training.comparison.annotations import Box
from training.comparison.section import Section
from training.data_recipe import DataError

_CASCADE: Final = "haarcascade_frontalface_alt2.xml"
_BORDER: Final = 0.2
"""Share of the longer side by which the photo is widened first: a cascade misses faces that fill a photo."""


class DetectAndCropFace(Section):
    """A photo ``without_face`` is kept whole or left out.

    Attributes:
        margin: share of the face's side, added all around.
        smallest: share of the photo's shorter side below which a find is taken for a mistake.

    """

    step: Literal["detect_and_crop_face"]
    margin: float = Field(default=0.0, ge=-0.4, le=1)
    smallest: float = Field(default=0.25, gt=0, le=1)
    without_face: Literal["keep", "leave_out"] = "keep"


@cache
def _detector() -> Any:
    try:
        import cv2
    except ModuleNotFoundError as error:
        raise DataError("detect_and_crop_face needs OpenCV, which comes with the extra [train]") from error
    # One thread: photos are spread over processes, and trainings share the machine.
    cv2.setNumThreads(1)
    file = Path(cv2.__file__).parent / "data" / _CASCADE
    detector = cv2.CascadeClassifier(str(file)) if file.is_file() else None
    if detector is None or detector.empty():
        raise DataError(f"this OpenCV ({cv2.__version__}) brings no {_CASCADE}: install a version below 5")
    return detector


def find_face(pixels: NDArray[np.uint8], smallest: float) -> Box | None:
    """The largest face, or None.

    Args:
        pixels: (H, W, 3) uint8, RGB, upright.
        smallest: share of the shorter side that a face has at least.

    Returns:
        A square box; it may reach over the photo's edge.

    Raises:
        DataError: OpenCV or its cascade is missing.

    """
    detector = _detector()
    height, width = pixels.shape[:2]
    grey = np.round(pixels @ np.array([0.299, 0.587, 0.114])).astype(np.uint8)
    border = round(_BORDER * max(height, width))
    least = max(20, round(smallest * min(height, width)))
    found = detector.detectMultiScale(np.pad(grey, border, mode="edge"), 1.1, 3, minSize=(least, least))
    faces = [tuple(int(value) for value in each) for each in found]
    if not faces:
        return None
    left, top, wide, high = max(faces, key=lambda face: (face[2] * face[3], face))
    return Box(left - border, top - border, left - border + wide, top - border + high)


def crop_face(pixels: NDArray[np.uint8], face: Box, margin: float) -> NDArray[np.uint8]:
    """The face and its margin; what lies beyond the photo's edge is the edge's last line again.

    Args:
        pixels: (H, W, 3) uint8.
        face: a square box that overlaps the photo.
        margin: of its side, added on each side; below 0 cuts into the face.

    Returns:
        (S, S, 3) uint8.

    """
    height, width = pixels.shape[:2]
    side = face.right - face.left
    more = round(margin * side)
    rows = np.clip(np.arange(face.top - more, face.bottom + more), 0, height - 1)
    columns = np.clip(np.arange(face.left - more, face.right + more), 0, width - 1)
    return np.ascontiguousarray(pixels[rows][:, columns])
