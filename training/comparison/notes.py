"""What preparing a task came upon: kept beside a run, told in its report."""

from collections.abc import Iterator

from pydantic import BaseModel, ConfigDict

_NAMED = 5


class Notes(BaseModel):
    """Counts of what was found, changed and left out.

    Attributes:
        photos: that the recipe found.
        boxes: in the annotations.
        boxes_with_another_label, photos_with_another_label: boxes that contradict their photo's label.
        boxes_clipped: boxes that reached over their photo's edge.
        photos_without_box: left out by ``crop_to_boxes``.
        without_face: photos in which ``detect_and_crop_face`` found none.
        faceless_kept: whether these stayed in the task, whole.
        pictures: by label, after all steps but ``balance``.
        balanced: pictures of the training part by label, after ``balance``.

    """

    model_config = ConfigDict(frozen=True)

    photos: int
    boxes: int = 0
    boxes_with_another_label: int = 0
    photos_with_another_label: int = 0
    boxes_clipped: int = 0
    photos_without_box: int = 0
    without_face: tuple[str, ...] = ()
    faceless_kept: bool = True
    pictures: dict[str, int] = {}
    balanced: dict[str, int] = {}

    def sentences(self) -> Iterator[str]:
        """What a reader should know, one sentence each."""
        yield f"{self.photos} photos gave {sum(self.pictures.values())} pictures."
        if self.boxes:
            yield f"The annotations hold {self.boxes} boxes."
        if self.boxes_with_another_label:
            yield (
                f"{self.boxes_with_another_label} boxes on {self.photos_with_another_label} photos "
                "carry another label than their photo."
            )
        if self.boxes_clipped:
            yield f"{self.boxes_clipped} boxes reached over their photo's edge and were clipped."
        if self.photos_without_box:
            yield f"{self.photos_without_box} photos have no box and were left out."
        if self.without_face:
            names = ", ".join(self.without_face[:_NAMED]) + (" ..." if len(self.without_face) > _NAMED else "")
            fate = "stayed whole" if self.faceless_kept else "were left out"
            yield f"No face was found in {len(self.without_face)} photos, which {fate}: {names}."
        if self.balanced:
            counts = ", ".join(f"{label} {count}" for label, count in self.balanced.items())
            yield f"The training part was balanced to: {counts}."
