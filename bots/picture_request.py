"""What is written behind ``/generate``: ``<label> [count] [seed]``. No I/O."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

MOST: Final = 10
"""Pictures of one request: what a Telegram album holds."""

SEEDS: Final = 2**31
"""Numbers of pictures go from 0 to one less than this; a greater one goes round."""

_LONGEST: Final = 200
_LONGEST_WORDS: Final = 100
_COUNT_DIGITS: Final = 4
"""Of a single number: with more of them it is a picture's, not how many."""

_NUMBER: Final = re.compile(r"(?P<sign>#?)(?P<number>[-+]?[0-9]{1,19})[^\W\d_]?")
"""A letter behind it counts what was counted, in Korean."""


@dataclass(frozen=True, slots=True)
class PictureRequest:
    """What was asked for.

    Attributes:
        words: what should name a label; "" where nothing does.
        count: how many pictures, at least 1; more than ``MOST`` are never made.
        seed: the number of the first one, 0 to ``SEEDS`` - 1; None where none was given.
        is_sound: False where a number is less than zero.

    """

    words: str
    count: int = 1
    seed: int | None = None
    is_sound: bool = True

    @property
    def made(self) -> int:
        """How many will be made."""
        return min(self.count, MOST)


def read_picture_request(argument: str) -> PictureRequest:
    """Read it: at most two numbers at its end; a single one of five digits and more, or with a #, is a seed."""
    # Wide digits are digits, and Korean that a Mac sent in parts is put together.
    words = unicodedata.normalize("NFKC", argument.strip()[:_LONGEST]).split()
    numbers: list[re.Match[str]] = []
    while words and len(numbers) < 2 and (number := _NUMBER.fullmatch(words[-1])):
        numbers.insert(0, number)
        words.pop()
    count, seed = _told_apart(numbers)
    return PictureRequest(
        words=" ".join(words)[:_LONGEST_WORDS],
        count=max(count, 1),
        seed=None if seed is None else seed % SEEDS,
        is_sound=count >= 0 and (seed is None or seed >= 0),
    )


def _told_apart(numbers: list[re.Match[str]]) -> tuple[int, int | None]:
    values = [int(each["number"]) for each in numbers]
    match numbers:
        case []:
            return 1, None
        case [one] if one["sign"] or len(one["number"].lstrip("+-")) > _COUNT_DIGITS:
            return 1, values[0]
        case [_]:
            return values[0], None
        case _:
            return values[0], values[1]
