"""The one secret of an installation: pseudonyms and seals are made with it. It lies outside the database.

Who loses it loses the unfinished inbox, the reports and the kept photos, and nobody can be found again by their
platform's id. Who has it beside the database can find a person whose platform id they know.
"""

import base64
import contextlib
import hashlib
import hmac
import os
import secrets
from pathlib import Path
from typing import Final, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from db.errors import SecretUnusable, Unsealable

SHORTEST: Final = 32
"""Characters. What ``load_secret`` makes has 43, of 256 random bits."""

_NONCE_BYTES: Final = 12
_SEAL_VERSION: Final = b"\x01"


class Secret:
    """Makes pseudonyms and seals. Each purpose has its own key, derived with HKDF-SHA256 (RFC 5869)."""

    __slots__ = ("_fingerprint", "_items", "_photos", "_seal", "_users")

    def __init__(self, master: bytes) -> None:
        """From at least 32 bytes that nobody can guess.

        Raises:
            SecretUnusable: there are fewer.

        """
        if len(master) < SHORTEST:
            raise SecretUnusable(f"the secret is too short: it needs {SHORTEST} characters or more, chosen at random")
        self._users = _derived(master, b"bunri user key 1")
        self._items = _derived(master, b"bunri tombstone 1")
        self._photos = _derived(master, b"bunri photo 1")
        self._seal = AESGCM(_derived(master, b"bunri seal 1"))
        self._fingerprint = base64.urlsafe_b64encode(_derived(master, b"bunri fingerprint 1")[:12]).decode()

    @classmethod
    def from_text(cls, text: str) -> Self:
        """From a line of text, stripped, such as an environment variable.

        Raises:
            SecretUnusable: it is shorter than 32 characters.

        """
        return cls(text.strip().encode())

    @property
    def fingerprint(self) -> str:
        """Tells two secrets apart and betrays neither; 16 characters."""
        return self._fingerprint

    def user_key(self, platform: str, user: str) -> str:
        """The pseudonym of a platform's user: the same each time, 43 url-safe characters; "" for nobody ("")."""
        return _keyed(self._users, f"{platform}:{user}") if user else ""

    def item_key(self, kind: str, item: str) -> str:
        """What a tombstone says of an item ("query", its id): recognisable, not readable; 43 url-safe characters."""
        return _keyed(self._items, f"{kind}:{item}")

    def photo_key(self, user_key: str, pixels: str) -> str:
        """What one person's picture is called, by the hash of its pixels; 64 hexadecimal characters.

        The same each time they send it, another for everybody else, and no sign of the picture without the secret.
        """
        return hmac.new(self._photos, f"{user_key}:{pixels}".encode(), hashlib.sha256).hexdigest()

    def seal(self, plain: bytes, context: bytes) -> bytes:
        """Encrypted and authenticated (AES-256-GCM), bound to its context; 29 bytes longer."""
        nonce = os.urandom(_NONCE_BYTES)
        return _SEAL_VERSION + nonce + self._seal.encrypt(nonce, plain, context)

    def unseal(self, sealed: bytes, context: bytes) -> bytes:
        """What was sealed under this context.

        Raises:
            Unsealable: altered, of another context, or sealed with another secret.

        """
        head = len(_SEAL_VERSION)
        nonce, rest = sealed[head : head + _NONCE_BYTES], sealed[head + _NONCE_BYTES :]
        if sealed[:head] != _SEAL_VERSION or len(nonce) < _NONCE_BYTES:
            raise Unsealable("this was not sealed by Bunri")
        try:
            return self._seal.decrypt(nonce, rest, context)
        except InvalidTag:
            raise Unsealable("this was sealed with another secret, or altered since") from None


def load_secret(path: Path) -> Secret:
    """The secret in this file, readable by its owner only; made at random where there is none.

    Raises:
        SecretUnusable: the file cannot be read or made, or holds too little.

    """
    try:
        if not path.exists():
            _make(path)
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise SecretUnusable(f"the secret file {path} cannot be used: {reason}") from error
    try:
        return Secret.from_text(text)
    except SecretUnusable as error:
        raise SecretUnusable(f"the secret file {path} holds no usable secret: {error}") from None


def _make(path: Path) -> None:
    """A new file, whole at once: of two processes that start together, one makes it and both read it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(secrets.token_urlsafe(32) + "\n")
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink()


def _derived(master: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(master)


def _keyed(key: bytes, text: str) -> str:
    return base64.urlsafe_b64encode(hmac.new(key, text.encode(), hashlib.sha256).digest()).rstrip(b"=").decode()
