from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from bunri.check import State
from bunri.serve_check import serve_check
from bunri.serve_settings import ServeSettings, is_loopback
from inference.host.tokens import EVERYBODY, Tokens

ONE, OTHER = "one-token-of-sixteen", "another-token-of-them"


@pytest.mark.parametrize("written", [f"{ONE},{OTHER}", f"{ONE}, {OTHER}", f'["{ONE}", "{OTHER}"]', f" {ONE} {OTHER} "])
def test_tokens_may_be_written_in_a_row_or_as_json(written: str) -> None:
    assert ServeSettings.model_validate({"tokens": written}).read_tokens() == (ONE, OTHER)


def test_a_short_token_is_refused_and_not_quoted_by_what_the_settings_show() -> None:
    with pytest.raises(ValidationError, match="16 characters"):
        ServeSettings.model_validate({"tokens": "short"})
    assert ONE not in repr(ServeSettings(tokens=(SecretStr(ONE),)))


def test_a_file_of_tokens_may_hold_comments_and_blank_lines(tmp_path: Path) -> None:
    file = tmp_path / "tokens"
    file.write_text(f"# bots\n\n{ONE}\n  {OTHER}  \n", encoding="utf-8")
    assert ServeSettings(tokens_file=file).read_tokens() == (ONE, OTHER)
    file.write_text("short\n", encoding="utf-8")
    with pytest.raises(ValueError, match="16 characters"):
        ServeSettings(tokens_file=file).read_tokens()


def test_a_certificate_needs_its_key(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="BUNRI_SERVE__KEY"):
        ServeSettings(certificate=tmp_path / "c.pem")
    assert ServeSettings().tls() is None


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("0.0.0.0", False),
        ("::", False),
        ("203.0.113.9", False),
    ],
)
def test_only_loopback_addresses_are_this_machine_alone(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected


def test_each_token_is_its_own_caller_and_a_stranger_is_none() -> None:
    tokens = Tokens((ONE, OTHER))
    assert tokens.caller(f"Bearer {ONE}") == 0
    assert tokens.caller(f"bearer  {OTHER} ") == 1
    for stranger in (None, "", "Bearer", f"Bearer {ONE}x", f"Basic {ONE}", ONE, "Bearer \udcff"):
        assert tokens.caller(stranger) is None
    assert Tokens(()).caller(None) == EVERYBODY


def test_the_doctor_says_what_a_host_would_do(tmp_path: Path) -> None:
    alone = serve_check(ServeSettings())
    assert (alone.name, alone.state) == ("bunri serve", State.OK), "the doctor's lines of other hosts have another name"
    open_to_all = serve_check(ServeSettings(host="0.0.0.0"))
    assert open_to_all.state is State.PROBLEM
    assert "BUNRI_SERVE__TOKENS" in open_to_all.remedy
    unencrypted = serve_check(ServeSettings(host="0.0.0.0", tokens=(SecretStr(ONE),)))
    assert unencrypted.state is State.NOTE
    assert ONE not in unencrypted.found
    assert serve_check(ServeSettings(tokens_file=tmp_path / "none")).state is State.PROBLEM
    broken = tmp_path / "broken.pem"
    broken.write_text("no certificate", encoding="utf-8")
    assert serve_check(ServeSettings(certificate=broken, key=broken)).state is State.PROBLEM
