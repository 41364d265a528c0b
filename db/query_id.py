"""The id of a logged query: short enough for a button, long enough not to be guessed by trying."""

import secrets
from typing import Final

_CHARACTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ23456789"


def new_query_id() -> str:
    """Eight characters of A-Z and 2-9, at random: one of 1.8 million million."""
    return "".join(secrets.choice(_CHARACTERS) for _ in range(8))
