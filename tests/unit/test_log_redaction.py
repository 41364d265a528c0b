import io
import json
import logging
import sys
import warnings
from collections.abc import Iterator

import pytest

from bunri.log_redaction import Redaction
from bunri.log_setup import set_up_logs
from bunri.settings import LogSettings
from db.errors import DatabaseUnavailable
from inference.request_id import request_id

TELEGRAM = "7770001112:AAFakeFakeFakeFakeFakeFakeFakeFakeFa"
DISCORD = "MTIzNDU2Nzg5MDEyMzQ1Njc4.GAbcDE.abcdefghijklmnopqrstuvwxyz0123456789AB"
SECRET = "a configured secret of no known shape"


@pytest.fixture(params=["text", "json"])
def written(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What reaches stderr, in each format; logging is afterwards as it was."""
    stream = io.StringIO()
    root = logging.getLogger()
    handlers, level, raises = root.handlers[:], root.level, logging.raiseExceptions
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    set_up_logs(LogSettings(format=request.param, level="DEBUG"), Redaction([SECRET]))
    yield stream
    logging.captureWarnings(False)
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.raiseExceptions = raises


def test_a_configured_secret_and_tokens_are_taken_out_of_a_line(written: io.StringIO) -> None:
    logging.getLogger("some.child").warning("sent %s to %s as %s", SECRET, f"/bot{TELEGRAM}/getMe", DISCORD)
    assert "***" in written.getvalue()
    for secret in (SECRET, TELEGRAM, DISCORD):
        assert secret not in written.getvalue()


def test_a_traceback_and_the_errors_behind_it_hold_no_secret(written: io.StringIO) -> None:
    try:
        try:
            raise ValueError(f"https://api.telegram.org/bot{TELEGRAM}/getUpdates")
        except ValueError as error:
            raise RuntimeError(SECRET) from error
    except RuntimeError:
        logging.getLogger("bots").exception("it failed")
    said = written.getvalue()
    assert "RuntimeError" in said
    assert "ValueError" in said
    assert SECRET not in said
    assert TELEGRAM not in said


def test_a_traceback_says_where_and_what_kind_but_quotes_nobody(written: io.StringIO) -> None:
    caption = "what a resident wrote"
    try:
        try:
            int(caption)
        except ValueError as error:
            raise DatabaseUnavailable("the database bunri.db cannot be used: disk full") from error
    except DatabaseUnavailable:
        logging.getLogger("bots").exception("it failed")
    said = written.getvalue()
    assert "ValueError" in said
    assert "test_log_redaction.py" in said
    assert "the database bunri.db cannot be used: disk full" in said
    assert caption not in said


def test_errors_of_a_group_and_of_the_system_are_told_without_what_they_hold(written: io.StringIO) -> None:
    errors = [KeyError("a caption"), PermissionError(13, "Permission denied", "a file's name")]
    logging.getLogger("bots").error("both failed", exc_info=ExceptionGroup("of a caption", errors))
    said = written.getvalue()
    assert "ExceptionGroup" in said
    assert "KeyError" in said
    assert "Permission denied" in said
    assert "a caption" not in said
    assert "a file's name" not in said


def test_extra_fields_hold_no_secret(written: io.StringIO) -> None:
    logging.getLogger("bots").error("asked", extra={"address": f"/bot{TELEGRAM}/getMe"})
    assert "asked" in written.getvalue()
    assert TELEGRAM not in written.getvalue()


def test_an_uncaught_error_is_written_without_secrets(written: io.StringIO) -> None:
    error = RuntimeError(TELEGRAM)
    sys.excepthook(RuntimeError, error, None)
    assert "stopped by an error" in written.getvalue()
    assert TELEGRAM not in written.getvalue()


def test_a_warning_is_written_without_secrets(written: io.StringIO) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(False)
        logging.captureWarnings(True)
        warnings.warn(f"deprecated: {TELEGRAM}", stacklevel=1)
    assert "deprecated" in written.getvalue()
    assert TELEGRAM not in written.getvalue()


def test_a_line_that_cannot_be_formatted_does_not_show_its_arguments(written: io.StringIO) -> None:
    logging.getLogger("bots").error("%d photos", TELEGRAM)
    assert "could not be written" in written.getvalue()
    assert TELEGRAM not in written.getvalue()


@pytest.mark.parametrize("name", ["httpx", "httpcore.connection", "discord.http", "aiohttp.access", "telegram.ext"])
def test_talkative_libraries_say_nothing_below_a_warning(written: io.StringIO, name: str) -> None:
    logging.getLogger(name).info("what a resident wrote")
    assert written.getvalue() == ""


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Authorization: Bearer abcdefghijkl.mnop", "Authorization: Bearer ***"),
        ("postgresql://bunri:hunter2@db/bunri", "postgresql://***@db/bunri"),
        ("12:30:45 nothing secret here", "12:30:45 nothing secret here"),
    ],
)
def test_shapes_of_secrets_are_known_and_ordinary_lines_stay(line: str, expected: str) -> None:
    assert Redaction()(line) == expected


def test_a_line_of_json_is_still_json_without_the_secret() -> None:
    line = json.dumps({"message": f"token {TELEGRAM}"})
    assert json.loads(Redaction()(line)) == {"message": "token ***"}


def test_the_request_that_is_worked_on_is_named_and_without_one_nothing_is(written: io.StringIO) -> None:
    running = request_id.set("bot-7")
    logging.getLogger("some.child").warning("within")
    request_id.reset(running)
    logging.getLogger("some.child").warning("outside")
    within, outside = written.getvalue().splitlines()
    if within.startswith("{"):
        assert json.loads(within)["request_id"] == "bot-7"
        assert set(json.loads(outside)) == {"time", "level", "logger", "message"}
    else:
        assert within.endswith("some.child: [bot-7] within")
        assert outside.endswith("some.child: outside")
