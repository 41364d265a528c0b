"""Bearer tokens (RFC 6750): who calls, if anybody that we know."""

import hashlib
import hmac
from collections.abc import Sequence
from typing import Final

_SCHEME: Final = "bearer "

SHORTEST: Final = 16
"""Characters: a shorter one could be guessed."""

EVERYBODY: Final = 0
"""The caller where there are no tokens."""


class Tokens:
    """The tokens that are good, as digests: of equal length, so that comparing tells nothing about theirs."""

    def __init__(self, tokens: Sequence[str]) -> None:
        self._digests = tuple(_digest(each.encode()) for each in tokens)

    def caller(self, authorization: str | None) -> int | None:
        """The place of the token in the list that it was made from, or None for a stranger.

        Every token is compared, whichever it is, so that the time tells nothing.

        Args:
            authorization: the header of that name.

        """
        if not self._digests:
            return EVERYBODY
        if authorization is None or authorization[: len(_SCHEME)].lower() != _SCHEME:
            return None
        # A header's bytes that are no UTF-8 arrive as surrogates.
        given = _digest(authorization[len(_SCHEME) :].strip().encode("utf-8", "surrogateescape"))
        found = None
        for place, digest in enumerate(self._digests):
            if hmac.compare_digest(given, digest):
                found = place
        return found


def _digest(token: bytes) -> bytes:
    return hashlib.sha256(token).digest()
