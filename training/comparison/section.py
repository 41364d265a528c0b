"""What all sections of a task recipe are: frozen, and strict about what stands in them."""

from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

RECIPES: Final = Path(__file__).parents[1] / "recipes" / "compare"

Fill = Literal["reflect", "grey", "edge"]
"""What stands where a picture is made a square: its mirror image, plain grey, or its last line again."""

_SHOWN: Final = 3


class Section(BaseModel):
    """A part of a recipe; an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def first_faults(error: ValidationError) -> str:
    """What is wrong, in one line: the place and the reason of the first faults."""
    faults = [f"{'.'.join(map(str, each['loc'])) or 'all of it'}: {each['msg']}" for each in error.errors()]
    more = len(faults) - _SHOWN
    return "; ".join(faults[:_SHOWN]) + (f"; and {more} more" if more > 0 else "")
