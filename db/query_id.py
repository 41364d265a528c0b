"""The id of a logged query: short enough for a button, long enough not to be guessed by trying."""

import secrets
from typing import Final

_CHARACTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ23456789"
_LENGTH: Final = 8


def new_query_id() -> str:
    """Eight characters of A-Z and 2-9, at random: one of 1.8 million million."""
    number = secrets.randbelow(len(_CHARACTERS) ** _LENGTH)
    characters = []
    for _ in range(_LENGTH):
        number, place = divmod(number, len(_CHARACTERS))
        characters.append(_CHARACTERS[place])
    return "".join(characters)
