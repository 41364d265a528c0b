"""Only our own page may post: a token that other sites can neither read nor guess.

The browser holds a random session in a cookie that scripts cannot read (HttpOnly) and that requests from
other sites do not carry (SameSite=Strict). The page asks for the matching token, a hash of the session, and
returns it in a header. Nothing is kept on the server, so a restart or a second process changes nothing.
(OWASP CSRF Prevention Cheat Sheet: custom request header bound to the session.)
"""

import hashlib
import hmac
import re
import secrets
from typing import Final

from aiohttp import web

COOKIE: Final = "bunri-session"
HEADER: Final = "X-Bunri-Token"
MAX_AGE: Final = 180 * 24 * 60 * 60
"""Seconds that a browser keeps the session: as long as what is logged under its pseudonym."""

_SESSION: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_DOMAIN: Final = b"bunri csrf token 1:"


def session_of(request: web.BaseRequest) -> str | None:
    """The session that the browser sent, if it looks like one of ours."""
    session = request.cookies.get(COOKIE, "")
    return session if _SESSION.fullmatch(session) else None


def new_session() -> str:
    """A session nobody can guess: 256 random bits."""
    return secrets.token_urlsafe(32)


def token_of(session: str) -> str:
    """The token that goes with a session."""
    return hashlib.sha256(_DOMAIN + session.encode()).hexdigest()


def is_ours(request: web.BaseRequest) -> bool:
    """Whether the request carries a session and the token that goes with it."""
    session = session_of(request)
    given = request.headers.get(HEADER, "")
    # A header may hold bytes that are no UTF-8, which stand in it as lone surrogates.
    return session is not None and hmac.compare_digest(token_of(session).encode(), given.encode(errors="replace"))
