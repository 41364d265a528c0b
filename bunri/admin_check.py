"""What ``bunri doctor`` says of the admin page: whether there is one, and what it wants."""

from bunri.admin_parts import admin_people
from bunri.admins import read_people
from bunri.check import Check, State
from bunri.settings import Settings

_NAME = "admin page"
_SEE = "see The admin page, in docs/operating.md"


def admin_check(settings: Settings) -> Check:
    """Whether somebody could sign in; that nobody can is no problem unless they were meant to."""
    admin = settings.admin
    roles = read_people(admin.people)
    if not roles:
        return Check(_NAME, State.NOTE, "not served: nobody is in BUNRI_ADMIN__PEOPLE", _SEE)
    try:
        names = {each.name for each in admin_people(admin)}
        strangers = sorted(set(admin.read_tokens()) - set(roles))
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        return Check(_NAME, State.PROBLEM, f"the file of tokens cannot be used: {reason}", "BUNRI_ADMIN__TOKENS_FILE")
    if strangers:
        found = f"a token of somebody who has no role: {', '.join(strangers)}"
        return Check(_NAME, State.PROBLEM, found, "add NAME:ROLE to BUNRI_ADMIN__PEOPLE, or take the token away")
    if not names:
        remedy = f"`bunri admin token {next(iter(roles))}` makes one"
        return Check(_NAME, State.NOTE, "not served: nobody has a token", remedy)
    if not settings.vault.keep_photos:
        return Check(_NAME, State.NOTE, "not served: no photos are kept", "BUNRI_VAULT__KEEP_PHOTOS=true")
    without = [name for name in roles if name not in names]
    found = f"{len(names)} people can sign in at /admin" + (
        f"; without a token: {', '.join(without)}" if without else ""
    )
    return Check(_NAME, State.OK, found)
