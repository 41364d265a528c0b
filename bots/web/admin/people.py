"""Who may open the admin page, by the digest of a token of their own: the token itself is nowhere on this machine."""

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class AdminPerson:
    """Somebody who may look at photos and label them.

    Attributes:
        name: as in the audit.
        may_export: whether they may take photos with them.
        token_sha256: of their token, 64 hexadecimal digits.

    """

    name: str
    may_export: bool
    token_sha256: str = field(repr=False)


def new_token() -> str:
    """A token that nobody can guess: 256 random bits, 43 characters."""
    return secrets.token_urlsafe(32)


def token_digest(token: str) -> str:
    """SHA-256, 64 hexadecimal digits. A token is drawn from so many that a slow hash would make none of them safer."""
    return hashlib.sha256(token.strip().encode(errors="replace")).hexdigest()


def person_with(token: str, people: Iterable[AdminPerson]) -> AdminPerson | None:
    """Whose token this is. Each is compared in full, whosever it is, so that the time tells nothing."""
    given = token_digest(token)
    found = None
    for person in people:
        if hmac.compare_digest(given, person.token_sha256):
            found = person
    return found
