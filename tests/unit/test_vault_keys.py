"""Rings of keys: written in a setting, in a file, behind a command; and what they seal."""

import stat
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.errors import KeyMissing, KeysUnusable, Unsealable
from db.vault_envelope import Envelope, is_envelope
from db.vault_key_command import KeyCommand
from db.vault_key_file import KeyFile
from db.vault_keys import KeyRing, WrappedKey, WrittenKeys, read_keys, written_key
from tests.vaults import new_ring

DATA_KEY = bytes(range(32))

SERVICE = '''
"""A key service as an operator could write one: keys in a file, wrapped by AES-GCM."""
import base64, json, os, sys
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEYS = {"service-1": b"1" * 32, "service-2": b"2" * 32}
question = json.load(sys.stdin)
decoded = {name: base64.b64decode(value) for name, value in question.items() if name != "key_id"}
match sys.argv[1]:
    case "newest":
        answer = {"key_id": NEWEST}
    case "wrap":
        nonce = os.urandom(12)
        wrapped = nonce + AESGCM(KEYS[NEWEST]).encrypt(nonce, decoded["data_key"], decoded["context"])
        answer = {"key_id": NEWEST, "wrapped": base64.b64encode(wrapped).decode()}
    case "unwrap":
        if question["key_id"] not in KEYS:
            sys.exit(3)
        wrapped = decoded["wrapped"]
        plain = AESGCM(KEYS[question["key_id"]]).decrypt(wrapped[:12], wrapped[12:], decoded["context"])
        answer = {"data_key": base64.b64encode(plain).decode()}
print(json.dumps(answer))
'''


def command_of(folder: Path, newest: str = "service-1") -> KeyCommand:
    script = folder / f"{newest}.py"
    script.write_text(f"NEWEST = {newest!r}\n{SERVICE}")
    return KeyCommand(f"{sys.executable} {script}")


@pytest.fixture(params=["written", "file", "command"])
def ring(request: pytest.FixtureRequest, tmp_path: Path) -> KeyRing:
    if request.param == "written":
        return new_ring("old", "new")
    if request.param == "command":
        return command_of(tmp_path)
    file = KeyFile(tmp_path / "apart" / "keys")
    file.add("old")
    file.add("new")
    return file


def test_what_a_ring_wraps_it_unwraps_in_the_same_context_only(ring: KeyRing) -> None:
    wrapped = ring.wrap(DATA_KEY, b"photo:a")
    assert wrapped.key_id == ring.newest()
    assert DATA_KEY not in wrapped.wrapped
    assert ring.unwrap(wrapped, b"photo:a") == DATA_KEY
    with pytest.raises((Unsealable, KeysUnusable)):
        ring.unwrap(wrapped, b"photo:b")
    with pytest.raises((Unsealable, KeysUnusable)):
        ring.unwrap(WrappedKey(wrapped.key_id, wrapped.wrapped[:-1] + b"\0"), b"photo:a")
    with pytest.raises(KeyMissing, match="gone"):
        ring.unwrap(WrappedKey("gone", wrapped.wrapped), b"photo:a")


def test_a_photo_is_sealed_and_opened(ring: KeyRing) -> None:
    blob = Envelope.seal(b"a photo", "a", ring).plain()
    assert is_envelope(blob)
    assert Envelope.read(blob).open("a", ring) == b"a photo"
    assert Envelope.seal(b"a photo", "a", ring).sealed != Envelope.read(blob).sealed
    with pytest.raises((Unsealable, KeysUnusable)):
        Envelope.read(blob).open("b", ring)


def test_rewrapping_changes_the_key_in_front_and_no_byte_of_the_photo(tmp_path: Path) -> None:
    file = KeyFile(tmp_path / "keys")
    file.add("old")
    before = Envelope.seal(b"a photo", "a", file)
    file.add("new")
    after = Envelope.read(before.rewrapped("a", file).plain())
    assert (before.key.key_id, after.key.key_id) == ("old", "new")
    assert after.sealed == before.sealed
    (tmp_path / "keys").write_text((tmp_path / "keys").read_text().splitlines()[1])
    assert after.open("a", file) == b"a photo"
    with pytest.raises(KeyMissing, match="old"):
        before.open("a", file)


def test_a_command_moves_from_key_to_key(tmp_path: Path) -> None:
    before = Envelope.seal(b"a photo", "a", command_of(tmp_path))
    after = before.rewrapped("a", command_of(tmp_path, "service-2"))
    assert (before.key.key_id, after.key.key_id) == ("service-1", "service-2")
    assert after.open("a", command_of(tmp_path)) == b"a photo"


@given(st.binary(max_size=200))
def test_rubbish_is_never_opened(rubbish: bytes) -> None:
    ring = new_ring()
    for blob in (rubbish, b"BNRV\x02" + rubbish):
        with pytest.raises((Unsealable, KeyMissing)):
            Envelope.read(blob).open("a", ring)


def test_an_altered_or_shortened_blob_is_never_opened() -> None:
    ring = new_ring()
    blob = Envelope.seal(b"a photo", "a", ring).plain()
    for position in range(len(blob)):
        altered = blob[:position] + bytes([blob[position] ^ 1]) + blob[position + 1 :]
        for wrong in (altered, blob[:position]):
            with pytest.raises((Unsealable, KeyMissing)):
                Envelope.read(wrong).open("a", ring)


def test_another_key_of_the_same_name_is_told_from_a_missing_one() -> None:
    blob = Envelope.seal(b"a photo", "a", new_ring("first"))
    with pytest.raises(Unsealable, match="key first in the test's keys does not open"):
        blob.open("a", new_ring("first"))
    with pytest.raises(KeyMissing, match="key first, which is not in the test's keys"):
        blob.open("a", new_ring("second"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# nothing\n",
        "first",
        "first:",
        "first:tooshort",
        f"bad id!:{'A' * 43}",
        f"first:{'!' * 43}",
        f":{'A' * 43}",
    ],
)
def test_keys_that_are_written_wrongly_are_refused_without_repeating_them(text: str) -> None:
    with pytest.raises(KeysUnusable, match="the setting") as refused:
        read_keys(text, "the setting")
    assert "tooshort" not in str(refused.value)
    assert "AAAA" not in str(refused.value)


def test_keys_are_apart_by_spaces_commas_or_lines_and_have_each_their_own_name() -> None:
    one, two, three = written_key("one"), written_key("two"), written_key("three")
    assert read_keys(f"# ours\n{one}, {two}\n{three}\n", "it").ids == ("one", "two", "three")
    assert WrittenKeys(f"{one} {two}", "it").newest() == "two"
    with pytest.raises(KeysUnusable, match="two keys"):
        read_keys(f"{one} {written_key('one')}", "it")


def test_the_file_is_its_owners_only_and_grows_at_its_end(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    file = KeyFile(path)
    assert not file.exists()
    with pytest.raises(KeysUnusable, match="not there"):
        file.newest()
    file.add("one")
    first = path.read_text()
    path.write_text("# ours\n" + first.rstrip())
    file.add("two")
    assert path.read_text().startswith("# ours\n" + first)
    assert file.ids() == ("one", "two")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["keys"]
    for wrong in ("one", "no spaces", ""):
        with pytest.raises(KeysUnusable):
            file.add(wrong)
    assert file.ids() == ("one", "two")


@pytest.mark.parametrize("is_there", [False, True])
def test_of_keys_that_are_added_at_once_none_is_lost(is_there: bool, tmp_path: Path) -> None:
    file = KeyFile(tmp_path / "keys")
    if is_there:
        file.add("first")
    names = [f"key-{number}" for number in range(40)]
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(KeyFile(tmp_path / "keys").add, names))
    assert sorted(set(file.ids()) - {"first"}) == sorted(names)
    assert [each.name for each in tmp_path.iterdir()] == ["keys"]


def test_the_first_key_is_made_once_and_hides_no_other(tmp_path: Path) -> None:
    file = KeyFile(tmp_path / "keys")
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(file.begin, ["first"] * 16))
    before = (tmp_path / "keys").read_bytes()
    file.begin("first")
    assert (tmp_path / "keys").read_bytes() == before
    assert file.ids() == ("first",)


def test_an_unusable_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "binary").write_bytes(b"\xff\xfe" * 40)
    with pytest.raises(KeysUnusable, match="binary cannot be read: it is not text"):
        KeyFile(tmp_path / "binary").newest()
    with pytest.raises(KeysUnusable, match="directory"):
        KeyFile(tmp_path).newest()
    (tmp_path / "file").touch()
    with pytest.raises(KeysUnusable, match="cannot be written"):
        KeyFile(tmp_path / "file" / "keys").add("one")


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("import sys; sys.exit('the service is away')", "failed .1.: the service is away"),
        ("print('no json')", "JSON object"),
        ("print('[]')", "JSON object"),
        ("print('{}')", "names no key|without wrapped"),
        ("import time; time.sleep(60)", "did not answer within"),
    ],
)
def test_a_command_that_fails_is_one_clear_line(code: str, reason: str, tmp_path: Path) -> None:
    script = tmp_path / "command.py"
    script.write_text(code)
    ring = KeyCommand(f"{sys.executable} {script}", patience_s=3 if "sleep" in code else 60)
    for work in (ring.newest, lambda: ring.wrap(DATA_KEY, b"photo:a")):
        with pytest.raises(KeysUnusable, match=reason) as failed:
            work()
        assert "\n" not in str(failed.value)


def test_a_command_that_cannot_be_run_is_named() -> None:
    with pytest.raises(KeysUnusable, match="cannot be run"):
        KeyCommand("/nowhere/keys").newest()
    for wrong in ("", "'unclosed"):
        with pytest.raises(KeysUnusable, match="BUNRI_VAULT__KEY_COMMAND"):
            KeyCommand(wrong)
