"""A long JSON array, read piece by piece."""

import io
from typing import Any, SupportsIndex

import pytest

from db.importing.errors import ImportUnreadable
from db.importing.json_array import objects_of

copied: list[int] = []


class Counted(str):
    """Text that notes how many of its characters are copied whenever it is cut."""

    __slots__ = ()

    def __getitem__(self, key: SupportsIndex | slice) -> str:
        cut = str.__getitem__(self, key)
        copied.append(len(cut))
        return Counted(cut)

    def __add__(self, other: str) -> "Counted":
        return Counted(str.__add__(self, other))

    def __radd__(self, other: str) -> "Counted":
        return Counted(str.__add__(other, self))


class CountedFile(io.StringIO):
    def read(self, size: int | None = -1, /) -> str:
        return Counted(super().read(size))


def elements(content: str) -> list[dict[str, Any]]:
    return [element for _, _, element in objects_of(CountedFile(content), "file")]


def test_short_elements_behind_a_long_one_do_not_copy_the_rest_each_time() -> None:
    content = '[{"a": "' + "x" * 300_000 + '"}' + ", {}" * 2_000 + "]"
    copied.clear()
    assert len(elements(content)) == 2_001
    assert 0 < sum(copied) < 4 * len(content)


def test_elements_that_lie_across_pieces_of_the_file_come_whole_with_their_lines() -> None:
    content = "[" + ",\n".join('{"a": "' + "\\n" * 60_000 + '",\n\n"b": [1]}' for _ in range(9)) + "\n]\n"
    found = list(objects_of(io.StringIO(content), "file"))
    assert [(number, line) for number, line, _ in found] == [(each, 1 + 3 * each) for each in range(9)]
    assert all(element == {"a": "\n" * 60_000, "b": [1]} for _, _, element in found)


def test_a_fault_far_behind_is_named_by_its_line() -> None:
    content = "[" + "{},\n" * 200_000 + "?]"
    with pytest.raises(ImportUnreadable, match="line 200001: an object"):
        elements(content)
