"""A photo is kept under the consent that stood when it was answered, and under no later one."""

import io
from types import SimpleNamespace
from typing import cast

from PIL import Image

from bots.conversation_options import ConversationOptions
from bots.keeping import KeptPhoto
from bots.photo_keeper import PhotoKeeper
from bots.picture_origin import Origin
from bots.platforms import Platform
from bots.request import Resident
from db.consents import Consent, ConsentState
from db.database import Database
from db.errors import DatabaseError
from tests.tiny_photos import scene

ANNA = Resident("en", "kr", Platform.TELEGRAM, "anna", "anna")
OPTIONS = ConversationOptions()


class Shelf:
    """A vault that remembers what it was given."""

    def __init__(self) -> None:
        self.kept: list[KeptPhoto] = []

    async def store(self, photo: KeptPhoto, /) -> object:
        self.kept.append(photo)
        return None

    async def delete_of(self, user_key: str, /) -> int:
        before = len(self.kept)
        self.kept = [each for each in self.kept if each.user_key != user_key]
        return before - len(self.kept)

    async def count_of(self, user_key: str, /) -> int:
        return len(self.kept)


class Consents:
    """What a resident says at the moment."""

    def __init__(self, state: ConsentState) -> None:
        self.now = Consent(state, OPTIONS.consent_version)
        self.is_lost = False

    async def state(self, user_key: str) -> Consent:
        if self.is_lost:
            raise DatabaseError("the database is away")
        return self.now


def keeper_of(shelf: Shelf, consents: Consents) -> PhotoKeeper:
    return PhotoKeeper(shelf, cast(Database, SimpleNamespace(consents=consents)), OPTIONS)


def photo() -> bytes:
    stream = io.BytesIO()
    Image.fromarray(scene(1)).save(stream, "JPEG")
    return stream.getvalue()


async def test_who_agrees_on_seeing_the_answer_has_not_agreed_to_the_photo_before() -> None:
    shelf, consents = Shelf(), Consents(ConsentState.ASKED)
    keeper = keeper_of(shelf, consents)
    await keeper.keep(photo(), "ABCDEFGH", ANNA, Origin.CAMERA)
    consents.now = Consent(ConsentState.GIVEN, OPTIONS.consent_version)
    await keeper.settle()
    assert shelf.kept == []
    await keeper.keep(photo(), "ABCDEFGJ", ANNA, Origin.CAMERA)
    await keeper.settle()
    assert [(each.query_id, each.licence, each.consent_version) for each in shelf.kept] == [
        ("ABCDEFGJ", "telegram-opted-in", OPTIONS.consent_version)
    ]


async def test_a_database_that_is_away_keeps_nothing_and_stops_no_answer() -> None:
    shelf, consents = Shelf(), Consents(ConsentState.GIVEN)
    consents.is_lost = True
    keeper = keeper_of(shelf, consents)
    await keeper.keep(photo(), "ABCDEFGH", ANNA, Origin.CAMERA)
    await keeper.settle()
    assert shelf.kept == []
