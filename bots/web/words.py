"""The small JSON bodies that the page posts: words, or the button that was pressed."""

import asyncio
from typing import Final

from aiohttp import web

from bots.actions import Action, UnknownActionError, read_action
from bots.request import CommandSent, TextSent, read_text
from bots.web.errors import Refusal, RequestRefusedError
from bots.web.options import LONGEST_TEXT, WebOptions

BODY_BYTES: Final = 16 * 1024
"""Bytes that such a body may take: a thousand characters, each of them written as two escapes."""

# LookupError: no such key, or no such charset. RecursionError: JSON that is nothing but brackets.
_MALFORMED: Final = (ValueError, LookupError, TypeError, RecursionError, web.RequestPayloadError)


async def action_of(request: web.Request, options: WebOptions) -> Action:
    """The action of ``{"action": id of a button}``.

    Raises:
        RequestRefusedError: it is no such JSON, no button of ours, or took too long to arrive.

    """
    given = await _field(request, "action", options)
    try:
        return read_action(str(given))
    except UnknownActionError as error:
        raise RequestRefusedError(Refusal.BAD_REQUEST) from error


async def words_of(request: web.Request, options: WebOptions) -> CommandSent | TextSent:
    """What ``{"text": words}`` asks for.

    Raises:
        RequestRefusedError: it is no such JSON, holds no words or too many, or took too long to arrive.

    """
    given = await _field(request, "text", options)
    if not isinstance(given, str):
        raise RequestRefusedError(Refusal.BAD_REQUEST)
    if not given.strip():
        raise RequestRefusedError(Refusal.NO_TEXT)
    if len(given) > LONGEST_TEXT:
        raise RequestRefusedError(Refusal.LONG_TEXT)
    return read_text(given)


async def _field(request: web.Request, name: str, options: WebOptions) -> object:
    try:
        async with asyncio.timeout(options.upload_seconds):
            body = await request.json()
        given: object = body[name]
    except TimeoutError as error:
        raise RequestRefusedError(Refusal.TOO_SLOW, unread=True) from error
    except _MALFORMED as error:
        raise RequestRefusedError(Refusal.BAD_REQUEST, unread=True) from error
    return given
