"""Objects as Discord sends them."""

import itertools
import time
from typing import Any, Final

Payload = dict[str, Any]

APPLICATION: Final = 400000000000000001
GUILD: Final = 400000000000000002
CHANNEL: Final = 400000000000000003
DM_CHANNEL: Final = 400000000000000004
ALICE: Final = 400000000000000005
BOB: Final = 400000000000000006
OTHER_CHANNEL: Final = 400000000000000007

_EPOCH_MS: Final = 1_420_070_400_000
_count = itertools.count()

TIME: Final = "2026-01-02T03:04:05.678000+00:00"


def snowflake() -> int:
    """A new id, of now."""
    return (int(time.time() * 1000) - _EPOCH_MS << 22) + next(_count) % 4096


def user(number: int, name: str, *, bot: bool = False) -> Payload:
    return {
        "id": str(number),
        "username": name,
        "discriminator": "0",
        "global_name": name.title(),
        "avatar": None,
        "public_flags": 0,
        "flags": 0,
        "primary_guild": None,
        **({"bot": True} if bot else {}),
    }


BUNRI: Final = user(APPLICATION, "bunri", bot=True)
PEOPLE: Final = {ALICE: user(ALICE, "alice-of-the-tests"), BOB: user(BOB, "bob-of-the-tests")}


def application(*, guilds: int = 1) -> Payload:
    return {
        "id": str(APPLICATION),
        "name": "Bunri",
        "icon": None,
        "description": "",
        "type": None,
        "bot_public": True,
        "bot_require_code_grant": False,
        "verify_key": "0" * 64,
        "flags": 0,
        "flags_new": "0",
        "max_participants": -1,
        "tags": [],
        "owner": user(BOB, "owner"),
        "team": None,
        "approximate_guild_count": guilds,
        "approximate_user_install_count": 0,
        "approximate_user_authorization_count": 0,
        "explicit_content_filter": 0,
        "eligible_oauth2_scopes": [],
        "integration_types_config": {},
        "redirect_uris": [],
        "interactions_endpoint_url": None,
        "role_connections_verification_url": None,
    }


def guild(*, features: tuple[str, ...] = (), preferred_locale: str = "en-US") -> Payload:
    return {
        "id": str(GUILD),
        "name": "Neighbours",
        "owner_id": str(BOB),
        "features": list(features),
        "preferred_locale": preferred_locale,
        "premium_tier": 0,
        "member_count": 3,
        "large": False,
        "unavailable": False,
        "roles": [
            {
                "id": str(GUILD),
                "name": "@everyone",
                "permissions": "2147483647",
                "position": 0,
                "color": 0,
                "hoist": False,
                "managed": False,
                "mentionable": False,
            }
        ],
        "emojis": [],
        "stickers": [],
        "members": [member(APPLICATION, BUNRI)],
        "channels": [_channel(CHANNEL, "waste"), _channel(OTHER_CHANNEL, "general")],
        "threads": [],
        "presences": [],
        "voice_states": [],
        "verification_level": 0,
        "default_message_notifications": 0,
        "explicit_content_filter": 0,
        "mfa_level": 0,
        "nsfw_level": 0,
        "system_channel_flags": 0,
        "afk_timeout": 300,
    }


def _channel(number: int, name: str) -> Payload:
    return {
        "id": str(number),
        "type": 0,
        "guild_id": str(GUILD),
        "name": name,
        "position": 0,
        "permission_overwrites": [],
        "nsfw": False,
        "parent_id": None,
    }


def member(number: int, who: Payload | None = None) -> Payload:
    return {
        "user": who or PEOPLE[number],
        "roles": [],
        "joined_at": TIME,
        "deaf": False,
        "mute": False,
        "flags": 0,
        "nick": None,
        "avatar": None,
    }


def attachment(url: str, name: str, size: int, content_type: str | None = "image/jpeg") -> Payload:
    return {
        "id": str(snowflake()),
        "filename": name,
        "size": size,
        "url": url,
        "proxy_url": url,
        **({"content_type": content_type} if content_type else {}),
    }


def message(
    number: int,
    channel: int,
    author: Payload,
    *,
    content: str = "",
    attachments: list[Payload] | None = None,
    mentions: list[Payload] | None = None,
    **more: Any,
) -> Payload:
    return {
        "id": str(number),
        "type": 0,
        "channel_id": str(channel),
        "author": author,
        "content": content,
        "timestamp": TIME,
        "edited_timestamp": None,
        "tts": False,
        "mention_everyone": False,
        "mentions": mentions or [],
        "mention_roles": [],
        "attachments": attachments or [],
        "embeds": [],
        "pinned": False,
        "flags": 0,
        "components": [],
        **more,
    }


def interaction(kind: int, data: Payload, *, user_id: int, channel: int, locale: str) -> Payload:
    """An INTERACTION_CREATE: kind 2 a command, 3 a component, 4 autocomplete."""
    is_direct = channel == DM_CHANNEL
    number = snowflake()
    where: Payload = (
        {"user": PEOPLE[user_id], "context": 1}
        if is_direct
        else {
            "guild_id": str(GUILD),
            "guild": {"id": str(GUILD), "locale": "en-US", "features": []},
            "guild_locale": "en-US",
            "member": {**member(user_id), "permissions": "2147483647"},
            "context": 0,
        }
    )
    return {
        "id": str(number),
        "application_id": str(APPLICATION),
        "type": kind,
        "token": f"interaction-token-{number}",
        "version": 1,
        "channel_id": str(channel),
        "channel": {"id": str(channel), "type": 1 if is_direct else 0, "permissions": "2147483647"}
        | ({} if is_direct else {"name": "waste", "guild_id": str(GUILD), "position": 0}),
        "locale": locale,
        "entitlements": [],
        "authorizing_integration_owners": {"0": str(GUILD)},
        "attachment_size_limit": 10 * 2**20,
        "app_permissions": "2147483647",
        "data": data,
        **where,
    }
