"""Settings and household -> the admin page, where it is set up."""

import asyncio
import logging
from functools import partial
from typing import Final

from bots.web.admin import AdminHouse, AdminPerson, ModelChange, Models
from bunri import __version__
from bunri.admins import Role, read_people
from bunri.household import Household
from bunri.photo_look import ALIKE, look
from bunri.promotion import history
from bunri.settings import AdminSettings, InferenceSettings, Settings
from db.database import Database
from db.exporting.run import Surroundings
from inference.errors import WeightsError
from inference.labels import LABELS
from inference.manifest import load_manifest

_CHANGES: Final = 10
_SCRATCH: Final = "admin-export"

_log = logging.getLogger(__name__)


def admin_people(settings: AdminSettings) -> tuple[AdminPerson, ...]:
    """Those who have a role and a token.

    Raises:
        OSError, UnicodeDecodeError: the file of tokens cannot be read.
        ValueError: a line in it is none.

    """
    roles, digests = read_people(settings.people), settings.read_tokens()
    return tuple(
        AdminPerson(name, role is Role.EXPORTER, digests[name]) for name, role in roles.items() if name in digests
    )


def admin_house(household: Household, settings: Settings) -> AdminHouse | None:
    """What the page is made from; None where there is nobody to come in, or no photo to look at. Blocks."""
    try:
        people = admin_people(settings.admin)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        _log.error("there is no admin page: the file of BUNRI_ADMIN__TOKENS_FILE cannot be used: %s", reason)
        return None
    if not people or household.vault is None:
        return None
    labels = tuple(str(each) for each in LABELS)
    made_by = f"Bunri {__version__}"
    return AdminHouse(
        people=people,
        around=Surroundings(household.database, household.vault, look, ALIKE, labels, made_by),
        # Beside the photos, where their operator expects them to be; never among them.
        scratch=settings.vault.folder.with_name(_SCRATCH),
        models=partial(models, settings.inference, household.database),
        with_discord=bool(settings.discord.image_permission.strip()),
    )


async def models(settings: InferenceSettings, database: Database) -> Models:
    """The model that answered last, or else that would answer here; and how that changed, where the weights say so."""
    answered = await database.queries.newest_model()
    if settings.urls:
        return Models(answered or "")
    title, changes = await asyncio.to_thread(_in_weights, settings)
    return Models(answered or title, changes)


def _in_weights(settings: InferenceSettings) -> tuple[str, tuple[ModelChange, ...]]:
    try:
        title = load_manifest(settings.weights, settings.model)[0].title
        records = history(settings.weights)
    except (WeightsError, OSError) as error:
        _log.error("the weights do not say which model answers: %s", error)
        return "", ()
    return title, tuple(ModelChange(each.at, each.title, each.why) for each in reversed(records[-_CHANGES:]))
