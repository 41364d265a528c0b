"""The vault's keys where only an operator's own command reaches them: a key service, a hardware module.

The command is called with one word, ``newest``, ``wrap`` or ``unwrap``, and speaks JSON; bytes are in base64:

- ``newest`` prints ``{"key_id"}``;
- ``wrap`` reads ``{"data_key", "context"}`` and prints ``{"key_id", "wrapped"}``;
- ``unwrap`` reads ``{"key_id", "wrapped", "context"}`` and prints ``{"data_key"}``.

It ends with 0; with 3 where there is no key of this id; with anything else where it failed, its reason in the first
line of stderr. The context has to be bound to what is wrapped (additional data, an encryption context).
"""

import base64
import binascii
import json
import shlex
import subprocess
from typing import Any, Final

from db.errors import KeyMissing, KeysUnusable, Unsealable
from db.vault_keys import KEY_BYTES, WrappedKey, is_key_id

_PATIENCE_S: Final = 15.0
_MISSING: Final = 3
_MOST_WRAPPED: Final = 65_535
_MOST_SHOWN: Final = 200


class KeyCommand:
    """A ``KeyRing`` behind a command, which is run without a shell for each photo, for at most 15 seconds."""

    def __init__(self, command: str, patience_s: float = _PATIENCE_S) -> None:
        """From the command's words, as a shell would part them.

        Raises:
            KeysUnusable: they cannot be parted, or there is none.

        """
        try:
            self._words = shlex.split(command)
        except ValueError as error:
            raise KeysUnusable(f"BUNRI_VAULT__KEY_COMMAND cannot be read: {error}") from error
        if not self._words:
            raise KeysUnusable("BUNRI_VAULT__KEY_COMMAND names no command")
        self._patience_s = patience_s

    @property
    def place(self) -> str:
        """The command, without its arguments."""
        return f"the command {self._words[0]}"

    def newest(self) -> str:
        """See ``KeyRing``."""
        return self._key_id(self._asked("newest", {}))

    def wrap(self, data_key: bytes, context: bytes) -> WrappedKey:
        """See ``KeyRing``."""
        answer = self._asked("wrap", {"data_key": _text(data_key), "context": _text(context)})
        wrapped = self._bytes(answer, "wrapped")
        if not 0 < len(wrapped) <= _MOST_WRAPPED:
            raise KeysUnusable(f"{self.place} wrapped a key into {len(wrapped)} bytes")
        return WrappedKey(self._key_id(answer), wrapped)

    def unwrap(self, key: WrappedKey, context: bytes) -> bytes:
        """See ``KeyRing``."""
        given = {"key_id": key.key_id, "wrapped": _text(key.wrapped), "context": _text(context)}
        data_key = self._bytes(self._asked("unwrap", given), "data_key")
        if len(data_key) != KEY_BYTES:
            raise Unsealable(f"{self.place} unwrapped a key of {len(data_key)} bytes")
        return data_key

    def _asked(self, word: str, question: dict[str, str]) -> dict[str, Any]:
        try:
            done = subprocess.run(  # noqa: S603 - the operator's own command
                [*self._words, word],
                input=json.dumps(question).encode(),
                capture_output=True,
                timeout=self._patience_s,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise KeysUnusable(f"{self.place} did not answer within {self._patience_s:g} s") from None
        except OSError as error:
            raise KeysUnusable(f"{self.place} cannot be run: {error.strerror}") from error
        if done.returncode == _MISSING and "key_id" in question:
            raise KeyMissing(f"a photo was sealed with the key {question['key_id']}, which {self.place} does not have")
        if done.returncode:
            reason = done.stderr.decode(errors="replace").strip().partition("\n")[0][:_MOST_SHOWN]
            raise KeysUnusable(f"{self.place} failed ({done.returncode}): {reason or 'it says nothing'}")
        try:
            answer = json.loads(done.stdout)
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            raise KeysUnusable(f"{self.place} did not answer {word} with a JSON object")
        return answer

    def _key_id(self, answer: dict[str, Any]) -> str:
        key_id = answer.get("key_id")
        if not isinstance(key_id, str) or not is_key_id(key_id):
            raise KeysUnusable(f"{self.place} names no key: an id is of 1 to 64 letters, digits, '.', '_' and '-'")
        return key_id

    def _bytes(self, answer: dict[str, Any], name: str) -> bytes:
        try:
            return base64.b64decode(answer[name], validate=True)
        except (KeyError, TypeError, ValueError, binascii.Error):
            raise KeysUnusable(f"{self.place} answered without {name} in base64") from None


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
