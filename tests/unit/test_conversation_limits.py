"""Who sends too much, and what is said only in private: through the whole conversation, with nothing stored."""

from dataclasses import replace
from functools import cache

import pytest

from bots.actions import Forget, SetConsent
from bots.conversation import Conversation
from bots.conversation_options import ConversationOptions
from bots.keeping import could_keep, has_agreed, licence_of
from bots.messages import Messages, load_messages
from bots.picture_origin import Origin
from bots.platforms import Platform
from bots.reply import CardKind
from bots.request import ButtonPressed, Command, CommandSent, PhotosSent, Request, Resident, Sender, TextSent
from db.consents import Consent, ConsentState
from db.licences import Licence
from guides import GuideBook, Language, load_guides
from guides.things import ThingIndex, load_things
from tests.scripted_inference import ScriptedInference

ANNA = Resident("en", "kr", Platform.TELEGRAM, "anna", "anna")
BORA = replace(ANNA, user_key="bora", chat_key="bora")
IN_A_GROUP = replace(ANNA, chat_key="neighbours", is_private=False)
PRIVATE: tuple[Request, ...] = (
    CommandSent(Command.MYDATA),
    CommandSent(Command.FORGET),
    CommandSent(Command.CONSENT),
    ButtonPressed(Forget(True)),
    ButtonPressed(Forget(False)),
    ButtonPressed(SetConsent(True, "1")),
)


def conversation(
    inference: ScriptedInference | None = None, options: ConversationOptions | None = None
) -> Conversation:
    """A conversation in which no time passes: how long the machine takes is nobody's waiting time."""
    guides, messages, things = _words()
    return Conversation(
        inference or ScriptedInference(), guides, messages, things=things, options=options, clock=lambda: 0.0
    )


@cache
def _words() -> tuple[GuideBook, Messages, ThingIndex]:
    return load_guides(), load_messages(), load_things()


def limited(inference: ScriptedInference | None = None) -> Conversation:
    return conversation(inference, ConversationOptions(per_user_per_minute=2, per_chat_per_minute=100))


async def test_too_much_is_told_once_with_the_seconds_and_then_met_with_silence() -> None:
    talk = limited()
    replies = [await talk.reply(TextSent("paper"), ANNA) for _ in range(4)]
    assert [len(reply.cards) for reply in replies] == [1, 1, 1, 0]
    assert replies[2].cards[0].kind is CardKind.PROBLEM
    assert "30 seconds" in replies[2].cards[0].detail
    assert replies[2].is_private, "in a channel nobody else need read it"


async def test_the_others_are_answered_meanwhile() -> None:
    talk = limited()
    for _ in range(5):
        await talk.reply(TextSent("paper"), ANNA)
    assert (await talk.reply(TextSent("paper"), BORA)).cards[0].kind is CardKind.GUIDE


async def test_photos_beyond_the_limit_are_not_looked_at() -> None:
    inference = ScriptedInference()
    talk = limited(inference)
    await talk.reply(PhotosSent((b"1", b"2", b"3")), ANNA)
    assert inference.seen == []


@pytest.mark.parametrize("request_", PRIVATE, ids=repr)
async def test_what_concerns_ones_own_data_is_not_said_where_others_read_along(request_: Request) -> None:
    reply = await conversation().reply(request_, IN_A_GROUP)
    assert [card.headline for card in reply.cards] == ["That I tell you in private only"]
    assert reply.is_private


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("command", sorted(Command))
async def test_every_command_is_answered_without_a_memory_too(command: Command, language: Language) -> None:
    reply = await conversation().reply(CommandSent(command), replace(ANNA, language=language))
    assert reply.cards
    assert all(card.headline for card in reply.cards)
    assert len(reply.toast) <= 200


@pytest.mark.parametrize(
    ("sender", "language"),
    [
        (Sender(Platform.TELEGRAM, "1", locale="ko-KR"), "ko"),
        (Sender(Platform.TELEGRAM, "1", locale="en-GB"), "en"),
        (Sender(Platform.TELEGRAM, "1", locale="de"), "en"),
        (Sender(Platform.TELEGRAM, "1"), "ko"),
        (Sender(Platform.WEB, "1", locale="ko", language="en"), "en"),
    ],
)
async def test_language_is_what_was_chosen_else_what_the_platform_says_else_the_setting(
    sender: Sender, language: Language
) -> None:
    assert (await conversation().resident(sender)).language == language


@pytest.mark.parametrize(("wanted", "region"), [("kr-jungnang", "kr-jungnang"), ("atlantis", "intl"), (None, "kr")])
async def test_the_place_is_the_nearest_that_has_guides(wanted: str | None, region: str) -> None:
    resident = await conversation().resident(Sender(Platform.WEB, "1", region=wanted))
    assert resident.region == region


GIVEN = Consent(ConsentState.GIVEN, "1")


@pytest.mark.parametrize(
    ("platform", "consent", "permission", "keeps"),
    [
        (Platform.TELEGRAM, GIVEN, "", True),
        (Platform.WEB, GIVEN, "", True),
        (Platform.TELEGRAM, Consent(), "", False),
        (Platform.TELEGRAM, Consent(ConsentState.ASKED, "1"), "", False),
        (Platform.TELEGRAM, Consent(ConsentState.REFUSED, "1"), "", False),
        (Platform.TELEGRAM, Consent(ConsentState.GIVEN, "0"), "", False),
        (Platform.DISCORD, GIVEN, "", False),
        (Platform.DISCORD, GIVEN, "  ", False),
        (Platform.DISCORD, GIVEN, "ticket of 2026-05-04", True),
        (Platform.DISCORD, Consent(), "ticket of 2026-05-04", False),
        (Platform.CONSOLE, GIVEN, "", False),
    ],
)
def test_a_photo_is_kept_only_with_consent_to_this_text_and_where_the_platform_permits_it(
    platform: Platform, consent: Consent, permission: str, keeps: bool
) -> None:
    options = ConversationOptions(discord_image_permission=permission)
    licence = licence_of(platform, Origin.CAMERA, options)
    assert (licence.keeps and has_agreed(consent, options)) is keeps


@pytest.mark.parametrize("origin", [each for each in Origin if each is not Origin.CAMERA])
def test_what_ai_made_or_may_have_made_is_never_kept_anywhere(origin: Origin) -> None:
    options = ConversationOptions(discord_image_permission="ticket of 2026-05-04")
    assert {licence_of(platform, origin, options) for platform in Platform} == {Licence.GENERATED_NEVER}
    assert not Licence.GENERATED_NEVER.keeps


def test_where_photos_can_never_be_kept_nobody_need_be_asked() -> None:
    without = ConversationOptions()
    assert [platform for platform in Platform if could_keep(platform, without)] == [Platform.TELEGRAM, Platform.WEB]
