"""Pseudonyms and seals."""

import stat
import string
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.errors import SecretUnusable, Unsealable
from db.secret import Secret, load_secret

TEXT = "a secret that is long enough for the tests"


def test_a_pseudonym_is_the_same_each_time_and_another_with_another_secret() -> None:
    key = Secret.from_text(TEXT).user_key("telegram", "4711")
    assert key == Secret.from_text(TEXT + "\n").user_key("telegram", "4711")
    assert key != Secret.from_text(TEXT[::-1]).user_key("telegram", "4711")


def test_a_pseudonym_is_of_one_platform_and_hides_the_id() -> None:
    secret = Secret.from_text(TEXT)
    key = secret.user_key("telegram", "4711")
    assert key != secret.user_key("discord", "4711")
    assert "4711" not in key
    assert len(key) >= 32
    assert set(key) <= set(string.ascii_letters + string.digits + "-_")


def test_nobody_has_no_pseudonym() -> None:
    assert Secret.from_text(TEXT).user_key("web", "") == ""


def test_a_tombstone_is_not_a_pseudonym() -> None:
    secret = Secret.from_text(TEXT)
    assert secret.item_key("telegram", "4711") != secret.user_key("telegram", "4711")


@given(st.binary(max_size=300), st.binary(max_size=40))
def test_what_is_sealed_is_unsealed_and_hidden(plain: bytes, context: bytes) -> None:
    secret = Secret.from_text(TEXT)
    sealed = secret.seal(plain, context)
    assert secret.unseal(sealed, context) == plain
    assert len(sealed) == len(plain) + 29
    assert len(plain) < 4 or plain not in sealed


def test_two_seals_of_one_thing_differ() -> None:
    secret = Secret.from_text(TEXT)
    assert secret.seal(b"payload", b"here") != secret.seal(b"payload", b"here")


@pytest.mark.parametrize("position", [0, 5, 20, -1])
def test_an_altered_seal_is_refused(position: int) -> None:
    secret = Secret.from_text(TEXT)
    sealed = bytearray(secret.seal(b"payload", b"here"))
    sealed[position] ^= 1
    with pytest.raises(Unsealable):
        secret.unseal(bytes(sealed), b"here")


def test_a_seal_holds_in_its_own_context_and_with_its_own_secret_only() -> None:
    secret = Secret.from_text(TEXT)
    sealed = secret.seal(b"payload", b"here")
    with pytest.raises(Unsealable):
        secret.unseal(sealed, b"elsewhere")
    with pytest.raises(Unsealable, match="another secret"):
        Secret.from_text(TEXT[::-1]).unseal(sealed, b"here")


@pytest.mark.parametrize("rubbish", [b"", b"\x01", b"\x01short", b"not sealed at all, but rather long"])
def test_what_was_never_sealed_is_refused(rubbish: bytes) -> None:
    with pytest.raises(Unsealable):
        Secret.from_text(TEXT).unseal(rubbish, b"")


def test_a_short_secret_is_refused_without_repeating_it() -> None:
    with pytest.raises(SecretUnusable) as refused:
        Secret.from_text("hunter2hunter2")
    assert "hunter2" not in str(refused.value)


def test_the_file_is_made_once_and_is_the_owners_only(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "secret"
    first = load_secret(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load_secret(path).fingerprint == first.fingerprint
    assert [file.name for file in path.parent.iterdir()] == ["secret"]


def test_starting_together_gives_one_secret(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    together = threading.Barrier(8)
    fingerprints: list[str] = []

    def start() -> None:
        together.wait()
        fingerprints.append(load_secret(path).fingerprint)

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(fingerprints) == 8
    assert len(set(fingerprints)) == 1


def test_an_unusable_file_is_named(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.touch()
    with pytest.raises(SecretUnusable, match="empty"):
        load_secret(empty)
    (tmp_path / "binary").write_bytes(b"\xff\xfe" * 40)
    with pytest.raises(SecretUnusable, match="not text"):
        load_secret(tmp_path / "binary")
    with pytest.raises(SecretUnusable, match="directory"):
        load_secret(tmp_path)
