"""PostgreSQL's password from a file."""

from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from bunri.bot_checks import database_check
from bunri.check import State
from bunri.database_url import database_url
from bunri.log_setup import secrets_of
from bunri.settings import DatabaseSettings, Settings
from db.errors import DatabaseUnavailable

URL = "postgresql://bunri@database.example/bunri?sslmode=verify-full"


@pytest.mark.parametrize("password", ["plain", "p@ss:w/ord?#%41", " spaces ", "비밀"])
def test_the_password_of_the_file_is_the_urls_whatever_is_in_it(password: str, tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text(f"{password}\n", encoding="utf-8")
    settings = DatabaseSettings(url=URL, password_file=file)
    address = make_url(database_url(settings))
    assert (address.password, address.username, address.host) == (password, "bunri", "database.example")
    assert address.query == {"sslmode": "verify-full"}
    assert password in secrets_of(Settings(database=settings)), "it stays out of the log"


def test_without_a_file_the_url_is_as_it_was_written() -> None:
    assert database_url(DatabaseSettings(url=URL)) == URL


@pytest.mark.parametrize(
    ("url", "content", "told"),
    [
        (URL, None, "cannot be read: No such file"),
        (URL, b"\n", "is empty"),
        (URL, b"\xff\xfe", "it is no text"),
        (URL.replace("bunri@", "bunri:hidden@"), b"other", "two passwords"),
        ("sqlite:////var/lib/bunri.db", b"other", "is a file"),
    ],
)
def test_what_cannot_be_is_a_sentence_without_a_secret(
    url: str, content: bytes | None, told: str, tmp_path: Path
) -> None:
    file = tmp_path / "password"
    if content is not None:
        file.write_bytes(content)
    settings = DatabaseSettings(url=url, password_file=file)
    with pytest.raises(DatabaseUnavailable, match=told) as caught:
        database_url(settings)
    assert "hidden" not in str(caught.value)
    assert "other" not in str(caught.value)


def test_the_doctor_says_so(tmp_path: Path) -> None:
    check = database_check(DatabaseSettings(url=URL, password_file=tmp_path / "none"))
    assert check.state is State.PROBLEM
    assert "BUNRI_DATABASE__PASSWORD_FILE" in check.found
