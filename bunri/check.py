"""One thing that ``bunri doctor`` looked at."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How a check came out. Only a problem keeps Bunri from working."""

    OK = "ok"
    NOTE = "note"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at.

    Attributes:
        name: what was looked at.
        state: how it came out.
        found: what is there.
        remedy: what to do about it; empty where there is nothing to do.

    """

    name: str
    state: State
    found: str
    remedy: str = ""
