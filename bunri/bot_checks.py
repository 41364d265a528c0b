"""What ``bunri doctor`` asks of the database, its secret, and the platforms that a token is set for."""

import asyncio
import json
import stat
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, Final

from bunri.check import Check, State
from bunri.database_url import database_url
from bunri.settings import DatabaseSettings, Settings
from db.address import is_sqlite, read_address
from db.errors import DatabaseError
from db.migrate import current, head

DISCORD_API: Final = "https://discord.com/api/v10"
_PATIENCE_S: Final = 5.0
_CLOCK_MAY_DIFFER_S: Final = 30.0
_MESSAGE_CONTENT: Final = 1 << 18 | 1 << 19
"""GATEWAY_MESSAGE_CONTENT and its LIMITED form (Discord, application flags)."""


def database_check(settings: DatabaseSettings) -> Check:
    """Whether the database answers, and its tables are as this version wants them."""
    try:
        address = read_address(settings.url)
        if is_sqlite(address) and not _exists(str(address.database)):
            return Check("database", State.OK, "none yet; made at the first start")
        revision = asyncio.run(current(database_url(settings)))
    except DatabaseError as error:
        return Check("database", State.PROBLEM, str(error), "see BUNRI_DATABASE__URL in docs/operating.md")
    if revision != head():
        return Check("database", State.NOTE, f"at revision {revision or 'none'}; brought up to date at the next start")
    return Check("database", State.OK, f"answers, revision {revision}")


def secret_check(settings: DatabaseSettings) -> Check:
    """Whether others than its owner can read the secret."""
    if settings.secret is not None:
        return Check("secret", State.OK, "set by BUNRI_DATABASE__SECRET")
    file = settings.secret_file
    try:
        mode = stat.S_IMODE(file.stat().st_mode)
    except FileNotFoundError:
        return Check("secret", State.OK, "none yet; made at the first start")
    except OSError as error:
        return Check("secret", State.PROBLEM, f"{file}: {error.strerror}", "let this user read it")
    if mode & 0o077:
        return Check("secret", State.PROBLEM, f"{file} is open to others ({mode:o})", f"chmod 600 {file}")
    return Check("secret", State.OK, f"{file}, readable by its owner only")


def bot_checks(settings: Settings, discord_api: str = DISCORD_API) -> Iterator[Check]:
    """Whether each token that is set is a valid one. No network is a note, never a problem."""
    try:
        telegram, discord = settings.telegram.read_token(), settings.discord.read_token()
    except (OSError, UnicodeDecodeError):
        yield Check("tokens", State.PROBLEM, "a token file cannot be read", "see BUNRI_..__TOKEN_FILE")
        return
    if telegram:
        url = f"{settings.telegram.base_url}{telegram}/getMe"
        yield from _asked("telegram", url, {}, "take a new token from @BotFather (/token)", False)
    if discord:
        headers = {"Authorization": f"Bot {discord}", "User-Agent": "DiscordBot (bunri, 1)"}
        remedy = "Developer Portal: Bot, Reset Token"
        url = f"{discord_api}/applications/@me"
        yield from _asked("discord", url, headers, remedy, settings.discord.message_content)


def _asked(name: str, url: str, headers: dict[str, str], remedy: str, wants_message_content: bool) -> Iterator[Check]:
    # No error's own text is shown: Telegram's token is part of the address.
    try:
        request = urllib.request.Request(url, headers=headers)  # noqa: S310 - an address of the operator's own
        with urllib.request.urlopen(request, timeout=_PATIENCE_S) as answer:  # noqa: S310
            date, found = answer.headers.get("Date"), json.loads(answer.read(1_000_000))
    except urllib.error.HTTPError as error:
        if error.code in {401, 403, 404}:
            yield Check(name, State.PROBLEM, f"the token is refused ({error.code})", remedy)
        else:
            yield Check(name, State.NOTE, f"answered {error.code}", "try again later")
        return
    except (OSError, ValueError):
        yield Check(name, State.NOTE, "cannot be reached from here: the token was not checked", "look at the network")
        return
    yield Check(name, State.OK, "the token is valid")
    if wants_message_content and not _flags(found) & _MESSAGE_CONTENT:
        switch = "Developer Portal: Bot, Message Content Intent"
        yield Check("discord intent", State.PROBLEM, "Message Content Intent is off", switch)
    if date:
        yield _clock(date)


def _flags(found: Any) -> int:
    flags = found.get("flags", 0) if isinstance(found, dict) else 0
    return flags if isinstance(flags, int) else 0


def _clock(date: str) -> Check:
    try:
        away = abs((datetime.now(UTC) - parsedate_to_datetime(date)).total_seconds())
    except (TypeError, ValueError):
        return Check("clock", State.NOTE, "could not be compared")
    if away > _CLOCK_MAY_DIFFER_S:
        return Check("clock", State.PROBLEM, f"{away:.0f} s away from the platform's", "timedatectl set-ntp true")
    return Check("clock", State.OK, "agrees with the platform's")


def _exists(path: str) -> bool:
    return Path(path).exists()
