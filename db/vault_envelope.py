"""How a kept photo is sealed: a key of its own, wrapped in front of it.

A sealed photo is ``BNRV``, a 2, the length of the key's id (1 byte), the id, the length of the wrapped data key
(2 bytes, big-endian), that key, a nonce of 12 bytes, and the photo in AES-256-GCM with its tag of 16. The photo is
bound to its blob's name, and not to the ring's key: so the key in front can be exchanged alone.
"""

import os
import struct
from dataclasses import dataclass, field
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from db.errors import Unsealable
from db.vault_keys import KEY_BYTES, KeyRing, WrappedKey

_MAGIC: Final = b"BNRV\x02"
_NONCE_BYTES: Final = 12


@dataclass(frozen=True, slots=True)
class Envelope:
    """A sealed photo, taken apart.

    Attributes:
        key: of the photo, wrapped.
        sealed: nonce and ciphertext.

    """

    key: WrappedKey
    sealed: bytes = field(repr=False)

    @classmethod
    def seal(cls, photo: bytes, name: str, ring: KeyRing) -> "Envelope":
        """Seal a photo under a new key of its own, for the blob of this name.

        Raises:
            KeysUnusable: of the ring.

        """
        data_key, nonce = os.urandom(KEY_BYTES), os.urandom(_NONCE_BYTES)
        key = ring.wrap(data_key, context_of(name))
        return cls(key, nonce + AESGCM(data_key).encrypt(nonce, photo, context_of(name)))

    @classmethod
    def read(cls, blob: bytes) -> "Envelope":
        """Take a blob apart.

        Raises:
            Unsealable: it is no sealed photo, or cut off.

        """
        if not is_envelope(blob):
            raise Unsealable("this was not sealed by Bunri")
        try:
            at = len(_MAGIC) + 1
            end = at + blob[at - 1]
            key_id = blob[at:end].decode("ascii")
            (length,) = struct.unpack_from(">H", blob, end)
        except (IndexError, UnicodeDecodeError, struct.error):
            raise Unsealable("a sealed photo is cut off or altered") from None
        wrapped, sealed = blob[end + 2 : end + 2 + length], blob[end + 2 + length :]
        return cls(WrappedKey(key_id, wrapped), sealed)

    def open(self, name: str, ring: KeyRing) -> bytes:
        """The photo.

        Raises:
            KeyMissing, KeysUnusable: of the ring.
            Unsealable: altered, of another blob, or wrapped with another key of the same id.

        """
        data_key = ring.unwrap(self.key, context_of(name))
        try:
            return AESGCM(data_key).decrypt(self.sealed[:_NONCE_BYTES], self.sealed[_NONCE_BYTES:], context_of(name))
        except (InvalidTag, ValueError):
            raise Unsealable("a sealed photo was altered since") from None

    def rewrapped(self, name: str, ring: KeyRing) -> "Envelope":
        """The same sealed photo, its key wrapped with the ring's newest.

        Raises:
            KeyMissing, KeysUnusable, Unsealable: as ``open``, of the key alone.

        """
        context = context_of(name)
        return Envelope(ring.wrap(ring.unwrap(self.key, context), context), self.sealed)

    def plain(self) -> bytes:
        """As it is stored."""
        key_id = self.key.key_id.encode("ascii")
        head = _MAGIC + bytes([len(key_id)]) + key_id + struct.pack(">H", len(self.key.wrapped))
        return head + self.key.wrapped + self.sealed


def is_envelope(blob: bytes) -> bool:
    """False for what the first versions sealed with the installation's secret alone."""
    return blob.startswith(_MAGIC)


def context_of(name: str) -> bytes:
    """What a sealed photo is bound to: its blob's name."""
    return f"photo:{name}".encode()
