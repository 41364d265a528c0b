"""Who is asking: the client's address, language and place, and whether the connection is encrypted."""

import ipaddress
from collections.abc import Collection
from typing import Final

from aiohttp import web

from bots.language import known_language, preferred_language
from bots.platforms import Platform
from bots.request import Resident, Sender
from bots.web.options import WebOptions
from guides import Language

LANGUAGE_COOKIE: Final = "bunri-language"
REGION_COOKIE: Final = "bunri-region"

_IPV6_HOUSEHOLD: Final = 64
"""Bits of an IPv6 address that a provider gives to one household; the rest is for its devices to choose."""


def client_key(request: web.BaseRequest, options: WebOptions) -> str:
    """What one client is limited by: its IPv4 address, or its IPv6 network.

    With a proxy in front, the last entry of X-Forwarded-For counts: only that one was written by the proxy. Some
    proxies add it to what the client sent, others send it in a header line of its own, behind the client's.
    """
    address = request.remote or ""
    if options.trust_proxy:
        forwarded = ",".join(request.headers.getall("X-Forwarded-For", ()))
        address = forwarded.rsplit(",", 1)[-1].strip() or address
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, _IPV6_HOUSEHOLD), strict=False))
    return str(parsed)


def is_encrypted(request: web.BaseRequest, options: WebOptions) -> bool:
    """Whether the browser's side of the connection is HTTPS."""
    return request.secure or (options.trust_proxy and request.headers.get("X-Forwarded-Proto", "").strip() == "https")


def language_of(request: web.BaseRequest, options: WebOptions) -> Language:
    """The language asked for, else the one remembered, else the browser's."""
    return (
        known_language(request.query.get("language"))
        or known_language(request.cookies.get(LANGUAGE_COOKIE))
        or preferred_language(request.headers.get("Accept-Language"), options.language)
    )


def region_of(request: web.BaseRequest, options: WebOptions, known: Collection[str]) -> str:
    """The place asked for, else the one remembered, else the setting; what is not ``known`` was not said."""
    stated = (request.query.get("region", ""), request.cookies.get(REGION_COOKIE, ""))
    return next((each for each in stated if each in known), options.region)


def resident_of(request: web.BaseRequest, options: WebOptions, known: Collection[str]) -> Resident:
    """For whom to write; ``known`` holds the ids of the places that can be chosen."""
    return Resident(language_of(request, options), region_of(request, options, known))


def sender_of(request: web.BaseRequest, options: WebOptions, known: Collection[str], session: str) -> Sender:
    """Who asks: the browser with this session, in the language and for the place that its page shows."""
    return Sender(
        platform=Platform.WEB,
        user=session,
        chat=session,
        is_private=True,
        language=language_of(request, options),
        region=region_of(request, options, known),
    )
