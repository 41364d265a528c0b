"""The keys that the vault's data keys are wrapped with, and the first way to have them: written in the settings.

A key of its own is made for each photo; a key of the ring wraps it. So a ring's key can be exchanged without a
photo being encrypted anew. NIST SP 800-57 part 1 calls them data-encryption and key-encryption keys.
"""

import base64
import binascii
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from db.errors import KeyMissing, KeysUnusable, Unsealable

KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12
_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")


@dataclass(frozen=True, slots=True)
class WrappedKey:
    """A data key that only the ring's key can unwrap.

    Attributes:
        key_id: which of the ring's keys; 1 to 64 of ``A-Za-z0-9._-``.
        wrapped: whatever the ring made of it; at most 65,535 bytes.

    """

    key_id: str
    wrapped: bytes = field(repr=False)


class KeyRing(Protocol):
    """Several keys, one of which is the newest. Calls block: use worker threads.

    A ring says at each call what holds at that moment, so that a key that an operator adds counts at once.
    """

    @property
    def place(self) -> str:
        """For sentences to the operator: where the keys come from; nothing secret."""

    def newest(self) -> str:
        """The id of the key that ``wrap`` uses.

        Raises:
            KeysUnusable: the keys cannot be had.

        """

    def wrap(self, data_key: bytes, context: bytes) -> WrappedKey:
        """Wrap these 32 bytes with the newest key, bound to their context.

        Raises:
            KeysUnusable: the keys cannot be had.

        """

    def unwrap(self, key: WrappedKey, context: bytes) -> bytes:
        """The 32 bytes that were wrapped.

        Raises:
            KeyMissing: the ring has no key of this id.
            KeysUnusable: the keys cannot be had.
            Unsealable: another key of the same id, another context, or altered.

        """


class Keys:
    """Keys by their ids, in memory; the last one is the newest. AES-256-GCM wraps."""

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        self._keys = dict(keys)

    def __len__(self) -> int:
        return len(self._keys)

    @property
    def ids(self) -> tuple[str, ...]:
        """The newest last."""
        return tuple(self._keys)

    def wrap(self, data_key: bytes, context: bytes) -> WrappedKey:
        """See ``KeyRing``."""
        key_id = self.ids[-1]
        nonce = os.urandom(_NONCE_BYTES)
        sealed = AESGCM(self._keys[key_id]).encrypt(nonce, data_key, _bound(key_id, context))
        return WrappedKey(key_id, nonce + sealed)

    def unwrap(self, key: WrappedKey, context: bytes, place: str) -> bytes:
        """See ``KeyRing``; ``place`` is where these keys come from."""
        if key.key_id not in self._keys:
            raise KeyMissing(f"a photo was sealed with the key {key.key_id}, which is not in {place}: restore it there")
        nonce, sealed = key.wrapped[:_NONCE_BYTES], key.wrapped[_NONCE_BYTES:]
        try:
            return AESGCM(self._keys[key.key_id]).decrypt(nonce, sealed, _bound(key.key_id, context))
        except (InvalidTag, ValueError):
            raise Unsealable(
                f"the key {key.key_id} in {place} does not open a photo: it is not the key that had this name, "
                "or the photo was altered"
            ) from None


class WrittenKeys:
    """A ``KeyRing`` from a setting: ``ID:KEY ID:KEY``, the newest last."""

    def __init__(self, text: str, place: str) -> None:
        self._text = text
        self._place = place

    @property
    def place(self) -> str:
        """The setting's name."""
        return self._place

    def newest(self) -> str:
        """See ``KeyRing``."""
        return self._read().ids[-1]

    def wrap(self, data_key: bytes, context: bytes) -> WrappedKey:
        """See ``KeyRing``."""
        return self._read().wrap(data_key, context)

    def unwrap(self, key: WrappedKey, context: bytes) -> bytes:
        """See ``KeyRing``."""
        return self._read().unwrap(key, context, self._place)

    def _read(self) -> Keys:
        return read_keys(self._text, self._place)


def read_keys(text: str, place: str) -> Keys:
    """Keys as they are written: each its id, a colon, 43 url-safe characters; apart by spaces, commas or lines.

    Lines that start with ``#`` are comments.

    Raises:
        KeysUnusable: there is none, or one is written wrongly; no key is repeated in the sentence.

    """
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    keys: dict[str, bytes] = {}
    for number, word in enumerate(" ".join(lines).replace(",", " ").split(), start=1):
        key_id, colon, encoded = word.partition(":")
        key = _decoded(encoded)
        if not colon or not is_key_id(key_id) or key is None:
            raise KeysUnusable(
                f"key number {number} of {place} is not written as ID:KEY, as `bunri vault new-key` does"
            )
        if key_id in keys:
            raise KeysUnusable(f"two keys of {place} have the id {key_id}")
        keys[key_id] = key
    if not keys:
        raise KeysUnusable(f"there is no key in {place}: `bunri vault new-key` makes one")
    return Keys(keys)


def written_key(key_id: str) -> str:
    """A new key of 256 random bits, as ``read_keys`` takes it.

    Raises:
        KeysUnusable: this is no id.

    """
    if not is_key_id(key_id):
        raise KeysUnusable("a key's id is of 1 to 64 letters, digits, '.', '_' and '-'")
    return f"{key_id}:{base64.urlsafe_b64encode(os.urandom(KEY_BYTES)).decode().rstrip('=')}"


def is_key_id(text: str) -> bool:
    """Whether a key can be called so."""
    return _ID.fullmatch(text) is not None


def _decoded(encoded: str) -> bytes | None:
    try:
        key = base64.b64decode(
            encoded.rstrip("=") + "=" * (-len(encoded.rstrip("=")) % 4), altchars=b"-_", validate=True
        )
    except (binascii.Error, ValueError):
        return None
    return key if len(key) == KEY_BYTES else None


def _bound(key_id: str, context: bytes) -> bytes:
    return b"bunri vault key 1\0" + key_id.encode() + b"\0" + context
