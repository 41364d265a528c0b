"""Who may do what with residents' photos.

Names and roles stand in the settings. This is no lock: whoever can start the command line can read the settings, the
secret and the vault as well. It is there so that nobody exports without saying who they are and why, and so that the
answer is kept, in an audit that the database refuses to change.
"""

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final

from db import reasons

NAME: Final = re.compile(r"[\w.@-]{1,64}")
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


class Role(StrEnum):
    """What somebody is."""

    REVIEWER = "reviewer"
    EXPORTER = "exporter"


class Action(StrEnum):
    """What somebody wants to do."""

    EXPORT = "export"
    IMPORT = "import"


_MAY: Final = {Role.REVIEWER: {Action.IMPORT}, Role.EXPORTER: {Action.IMPORT, Action.EXPORT}}


class NotAllowed(Exception):
    """Somebody may not do this, or did not say why. The text says how that is mended."""


def read_people(people: Iterable[str]) -> dict[str, Role]:
    """Names and roles, from ``name:role`` each.

    Raises:
        ValueError: one is written otherwise.

    """
    found: dict[str, Role] = {}
    for each in people:
        name, _, role = each.rpartition(":")
        if not NAME.fullmatch(name) or role not in list(Role):
            raise ValueError(f"write each as NAME:ROLE; roles are {', '.join(Role)}")
        found[name] = Role(role)
    return found


def read_digests(words: Iterable[str]) -> dict[str, str]:
    """Names and the digests of their tokens, from ``name:digest`` each; of one name the last counts.

    Raises:
        ValueError: one is written otherwise; it is not quoted.

    """
    found: dict[str, str] = {}
    for each in words:
        name, _, digest = each.rpartition(":")
        if not NAME.fullmatch(name) or not _DIGEST.fullmatch(digest):
            raise ValueError("write each as NAME:DIGEST, as `bunri admin token NAME` shows it")
        found[name] = digest
    return found


def allow(actor: str, action: Action, reason: str, people: Mapping[str, Role]) -> str:
    """The reason, tidied, where this person may do this.

    Raises:
        NotAllowed: they may not, or the reason is none.

    """
    role = people.get(actor)
    if role is None:
        raise NotAllowed(f"nobody of this name may {action}: add NAME:ROLE to BUNRI_ADMIN__PEOPLE")
    if action not in _MAY[role]:
        needed = " or ".join(each for each in Role if action in _MAY[each])
        raise NotAllowed(f"{actor} is {role}, and to {action} one must be {needed} (BUNRI_ADMIN__PEOPLE)")
    why = reasons.tidy(reason)
    if why is None:
        raise NotAllowed(
            f"say why, in {reasons.SHORTEST} to {reasons.LONGEST} characters, all of them printable: --reason TEXT"
        )
    return why
