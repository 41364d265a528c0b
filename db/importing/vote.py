"""What somebody said of a photo, and why some of it is not taken."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

ITEM_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")


class Reason(StrEnum):
    """Why a label is not taken. The value is the stable code in the report."""

    MALFORMED = "malformed"
    UNSAFE_PATH = "unsafe_path"
    BAD_ID = "bad_id"
    BAD_LABEL = "bad_label"
    SEVERAL_LABELS = "several_labels"
    CONTRADICTION = "contradiction"
    UNKNOWN_ITEM = "unknown_item"
    FORGOTTEN = "forgotten"
    NO_LABEL = "no_label"
    NOT_REVIEWED = "not_reviewed"

    @property
    def is_harmless(self) -> bool:
        """Whether nobody did anything wrong: there is just no label of anybody's."""
        return self in {Reason.NO_LABEL, Reason.NOT_REVIEWED}


@dataclass(frozen=True, slots=True)
class Refusal:
    """A label that is not taken.

    Attributes:
        place: where it stands: "line 3", "[4].annotations[0]", a path.
        reason: why.
        found: what stands there, as far as that helps; of a stranger's making.

    """

    place: str
    reason: Reason
    found: str = ""


@dataclass(frozen=True, slots=True)
class Vote:
    """What one annotator said of one photo.

    Attributes:
        place: where it stands in the file.
        item_id: of the photo.
        label: what it is said to be, without spaces around it; not checked yet.
        annotator: who said so, as the file calls them; "" where it does not say.
        at: when, aware; None where the file does not say.

    """

    place: str
    item_id: str
    label: str
    annotator: str = ""
    at: datetime | None = None


Read = Vote | Refusal


def id_in_path(path: str) -> str:
    """The id of the photo that a path or an address ends with: the file's name without its suffix."""
    name = path.replace("\\", "/").rpartition("/")[2]
    return name.rpartition(".")[0] or name


def read_time(found: object) -> datetime | None:
    """A time as the tools write it, UTC where it does not say otherwise; None where it is none."""
    if not isinstance(found, str):
        return None
    try:
        moment = datetime.fromisoformat(found.strip())
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def read_name(found: object) -> str:
    """An annotator, as one of the tools writes them: a number, a name, an address, or an object with one of these."""
    if isinstance(found, dict):
        found = found.get("email") or found.get("id") or found.get("username") or ""
    if isinstance(found, bool) or not isinstance(found, str | int):
        return ""
    # JSON may hold halves of characters, which no encoding takes.
    return str(found).strip().encode("utf-8", "backslashreplace").decode()[:256]
