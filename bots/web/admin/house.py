"""What the admin page is made from."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bots.web.admin.people import AdminPerson
from db.exporting.run import Surroundings


@dataclass(frozen=True, slots=True)
class ModelChange:
    """One change of the model that answers: when, to which name and version, and why."""

    at: datetime
    title: str
    why: str


@dataclass(frozen=True, slots=True)
class Models:
    """The model that answers, by name and version, "" where that is not known; and the latest changes, newest first."""

    title: str
    changes: tuple[ModelChange, ...] = ()


@dataclass(frozen=True, slots=True)
class AdminHouse:
    """The parts and limits of the admin page.

    Attributes:
        people: who may come in.
        around: database, photos and labels, as an export wants them.
        scratch: a folder of this page's own for exports in the making; made at need, with mode 0700, and emptied.
            Beside it, with ``-queue`` behind its name, is one in which queues are put in order.
        models: which model answers.
        with_discord: whether photos from Discord are shown and leave: only with Discord's own permission.
        target: labelled photos that each label wants.
        most_exported: photos in one download; larger exports are for the command line.
        download_seconds: how long sending an export may take.
        session_seconds: how long somebody stays signed in at most.
        idle_seconds: how long without doing anything.
        settle_seconds: how often it is looked whether stays ended by themselves, and written down.
        logins_per_minute: attempts of one client to sign in.
        all_logins_per_minute: those of all clients together.

    """

    people: tuple[AdminPerson, ...]
    around: Surroundings
    scratch: Path
    models: Callable[[], Awaitable[Models]]
    with_discord: bool = False
    target: int = 1_000
    most_exported: int = 1_000
    download_seconds: float = 15 * 60
    session_seconds: float = 8 * 60 * 60
    idle_seconds: float = 60 * 60
    settle_seconds: float = 60
    logins_per_minute: int = 5
    all_logins_per_minute: int = 20
