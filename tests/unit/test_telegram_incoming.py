"""What is read from Telegram's updates, and what of it is kept."""

from typing import Any

import pytest
from telegram import Update

from bots.telegram import payload
from bots.telegram.incoming import ALLOWED_UPDATES, Me, read_update
from bots.telegram.payload import HowAsked, PhotoAsked, PressAsked, Received, WordsAsked
from tests.fake_telegram.updates import BOT_ID, BOT_NAME, Person, Script, bot_user
from tests.fake_telegram.validation import check_update

GROUP = -1001234
ANNA = Person()
ME = Me(BOT_ID, BOT_NAME)
ME_SEEING_ALL = Me(BOT_ID, BOT_NAME, sees_all=True)
PAPER = PhotoAsked(file_id="a", size=50_000)


@pytest.fixture
def script() -> Script:
    return Script()


def read(update: dict[str, Any], me: Me = ME, *, group_photos: bool = False) -> Received | None:
    check_update(update)
    found = Update.de_json(update, None)
    assert found is not None
    return read_update(found, me, group_photos=group_photos)


def asked(update: dict[str, Any], me: Me = ME, *, group_photos: bool = False) -> Any:
    """What is asked by itself; an album's other photos are told apart by their own tests."""
    received = read(update, me, group_photos=group_photos)
    return None if received is None or not received.is_meant else received.asked


# In private


def test_a_photo_is_read_as_its_largest_size(script: Script) -> None:
    assert asked(script.photo(ANNA, "a")) == PAPER


@pytest.mark.parametrize("name", ["IMG_0001.HEIC", "photo.jpg", "list.pdf"])
def test_any_file_is_read_as_a_photo_for_the_decoder_knows_better_than_its_name(script: Script, name: str) -> None:
    update = script.document(ANNA, "a", file_name=name)
    update["message"]["document"]["mime_type"] = "application/octet-stream"
    assert asked(update) == PAPER


def test_a_file_of_unknown_size_is_read(script: Script) -> None:
    update = script.document(ANNA, "a")
    del update["message"]["document"]["file_size"]
    assert asked(update) == PhotoAsked(file_id="a")


_FILE = {"file_id": "x", "file_unique_id": "u-x"}
_MOVING = {**_FILE, "width": 1, "height": 1, "duration": 1}
_STICKER = {**_FILE, "type": "regular", "width": 1, "height": 1, "is_animated": False, "is_video": False}


@pytest.mark.parametrize(
    "content",
    [
        {"sticker": _STICKER},
        {"video": _MOVING},
        {"animation": _MOVING, "document": _FILE},
        {"voice": {**_FILE, "duration": 1}},
        {"video_note": {**_FILE, "length": 1, "duration": 1}},
        {"location": {"longitude": 127.0, "latitude": 37.5}},
    ],
)
def test_what_is_neither_photo_nor_words_is_answered_with_how_to_ask(script: Script, content: dict[str, Any]) -> None:
    assert asked(script.message(ANNA, **content)) == HowAsked()
    assert asked(script.message(ANNA, group=GROUP, **content)) is None, "but not in a group, where it is for others"


@pytest.mark.parametrize(
    "service", [{"new_chat_title": "Neighbours"}, {"migrate_to_chat_id": -100}, {"delete_chat_photo": True}]
)
def test_what_telegram_itself_says_in_a_chat_is_not_for_us(script: Script, service: dict[str, Any]) -> None:
    assert read(script.message(ANNA, group=GROUP, **service)) is None


@pytest.mark.parametrize("text", ["/guide 종이", "종이", "/guide@bunri_test_bot 종이", "/nothing", "  "])
def test_words_are_read_as_they_are(script: Script, text: str) -> None:
    assert asked(script.text(ANNA, text)) == WordsAsked(text=text)


def test_a_very_long_text_is_cut(script: Script) -> None:
    assert len(asked(script.text(ANNA, "x" * 4096)).text) == 1200
    assert len(asked(script.text(ANNA, "/report " + "x" * 4000, group=GROUP)).text) == 1200


def test_a_caption_is_not_kept(script: Script) -> None:
    received = read(script.photo(ANNA, "a", caption="my secret"))
    assert received is not None
    assert b"secret" not in payload.write(received)


def test_classify_in_reply_to_a_photo_reads_that_photo(script: Script) -> None:
    photo = script.photo(ANNA, "a")["message"]
    assert asked(script.text(ANNA, "/classify", reply_to_message=photo)) == PAPER
    assert asked(script.text(ANNA, "/classify")) == HowAsked()


def test_who_where_and_which_message_are_read(script: Script) -> None:
    update = script.photo(Person(id=7, language="en"), "a", media_group_id="album")
    assert read(update) == Received(
        chat=7,
        message=update["message"]["message_id"],
        user=7,
        locale="en",
        is_private=True,
        album="album",
        asked=PAPER,
    )


def test_the_parts_of_an_album_that_are_no_photos_belong_to_it_too(script: Script) -> None:
    received = read(script.message(ANNA, video=_MOVING, media_group_id="album"))
    assert received is not None
    assert (received.asked, received.album) == (HowAsked(), "album")


# Presses


def test_a_press_is_read_with_who_pressed(script: Script) -> None:
    message = script.message(ANNA, group=GROUP, message_thread_id=9, is_topic_message=True, text="?")["message"]
    received = read(script.press(Person(id=8, language=None), "guide:paper", message))
    assert received is not None
    assert (received.user, received.locale, received.thread) == (8, None, 9)
    assert isinstance(received.asked, PressAsked)
    assert received.asked.action == "guide:paper"


def test_a_press_on_a_message_too_old_for_telegram_is_read(script: Script) -> None:
    old = {"chat": {"id": GROUP, "type": "supergroup", "title": "Neighbours"}, "message_id": 5, "date": 0}
    received = read(script.press(ANNA, "guide:paper", old))
    assert received is not None
    assert (received.chat, received.message, received.is_private) == (GROUP, 5, False)


def test_a_press_without_a_message_or_without_data_is_not_for_us(script: Script) -> None:
    for missing in ("message", "data"):
        update = script.press(ANNA, "guide:paper", script.text(ANNA, "?")["message"])
        del update["callback_query"][missing]
        assert read(update) is None


# In groups


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("/guide 종이", WordsAsked(text="/guide 종이")),
        (f"/guide@{BOT_NAME} 종이", WordsAsked(text=f"/guide@{BOT_NAME} 종이")),
        (f"/guide@{BOT_NAME.upper()} 종이", WordsAsked(text=f"/guide@{BOT_NAME.upper()} 종이")),
        ("/guide@another_bot 종이", None),
        (f"/guide@another_bot @{BOT_NAME}", None),
        ("/nothing", None),
        (f"/nothing@{BOT_NAME}", None),
        ("종이", None),
        (f"@{BOT_NAME} 종이", WordsAsked(text="종이")),
        (f"종이 @{BOT_NAME.upper()}", WordsAsked(text="종이")),
        (f"종이@{BOT_NAME}은?", None),
        (f"@{BOT_NAME}2 종이", None),
        (f"@{BOT_NAME}", HowAsked()),
        ("/classify", HowAsked()),
        ("see /classify", None),
        ("/classify@another_bot", None),
    ],
)
def test_words_in_a_group_are_read_where_they_are_meant_for_bunri(script: Script, text: str, wanted: object) -> None:
    assert asked(script.text(ANNA, text, group=GROUP)) == wanted


@pytest.mark.parametrize(
    ("caption", "wanted"),
    [
        (None, None),
        ("look", None),
        ("/classify", PAPER),
        (f"/classify@{BOT_NAME} please", PAPER),
        ("/classify@another_bot", None),
        (f"@{BOT_NAME}", PAPER),
        (f"@{BOT_NAME}2", None),
        ("/guide", None),
    ],
)
@pytest.mark.parametrize("kind", ["photo", "document"])
def test_photos_in_a_group_are_read_where_they_ask_for_bunri(
    script: Script, kind: str, caption: str | None, wanted: object
) -> None:
    more = {} if caption is None else {"caption": caption}
    assert asked(getattr(script, kind)(ANNA, "a", group=GROUP, **more)) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("/classify", PAPER),
        (f"/classify@{BOT_NAME}", PAPER),
        (f"@{BOT_NAME}", PAPER),
        ("/classify@another_bot", None),
        ("nice", None),
        ("/help", WordsAsked(text="/help")),
    ],
)
def test_a_reply_to_a_photo_in_a_group(script: Script, text: str, wanted: object) -> None:
    photo = script.photo(Person(id=8), "a", group=GROUP)["message"]
    assert asked(script.text(ANNA, text, group=GROUP, reply_to_message=photo)) == wanted


def test_what_answers_bunri_in_a_group_is_for_bunri(script: Script) -> None:
    chat = {"id": GROUP, "type": "supergroup", "title": "Neighbours"}
    ours = {"message_id": 5, "date": 1, "chat": chat, "from": bot_user(), "text": "?"}
    of_somebody = {**ours, "from": Person(id=8).as_user()}
    assert asked(script.text(ANNA, "종이", group=GROUP, reply_to_message=ours)) == WordsAsked(text="종이")
    assert asked(script.photo(ANNA, "a", group=GROUP, reply_to_message=ours)) == PAPER
    assert asked(script.text(ANNA, "종이", group=GROUP, reply_to_message=of_somebody)) is None
    assert asked(script.photo(ANNA, "a", group=GROUP, reply_to_message=of_somebody)) is None


@pytest.mark.parametrize(("me", "wish", "wanted"), [(ME, True, None), (ME_SEEING_ALL, True, PAPER), (ME, False, None)])
def test_every_photo_of_a_group_is_read_only_where_that_is_wished_and_shown(
    script: Script, me: Me, wish: bool, wanted: object
) -> None:
    assert asked(script.photo(ANNA, "a", group=GROUP), me, group_photos=wish) == wanted


def test_the_other_photos_of_a_groups_album_wait_for_one_that_asks(script: Script) -> None:
    asking, other, clip = (
        read(update)
        for update in (
            script.photo(ANNA, "a", group=GROUP, media_group_id="album", caption="/classify"),
            script.document(ANNA, "a", group=GROUP, media_group_id="album"),
            script.message(ANNA, group=GROUP, media_group_id="album", video=_MOVING),
        )
    )
    assert asking is not None
    assert other is not None
    assert (asking.is_meant, asking.album, asking.asked) == (True, "album", PAPER)
    assert (other.is_meant, other.album, other.asked) == (False, "album", PAPER)
    assert clip is None


def test_a_thread_that_is_no_topic_is_left_to_the_reply(script: Script) -> None:
    topic = read(script.text(ANNA, "/help", group=GROUP, message_thread_id=9, is_topic_message=True))
    thread = read(script.text(ANNA, "/help", group=GROUP, message_thread_id=9))
    assert topic is not None
    assert thread is not None
    assert (topic.thread, thread.thread) == (9, None)


# Not for us


def test_edited_messages_and_posts_of_channels_are_not_for_us(script: Script) -> None:
    message = script.text(ANNA, "/help")["message"]
    channel = {"id": -1009, "type": "channel", "title": "News"}
    post = {"message_id": 1, "date": 1, "chat": channel, "sender_chat": channel, "text": "/help"}
    for kind, content in (("edited_message", message), ("channel_post", post), ("edited_channel_post", post)):
        assert read({"update_id": 1, kind: content}) is None
        assert kind not in ALLOWED_UPDATES


def test_other_bots_and_whoever_writes_in_the_name_of_a_chat_are_not_answered(script: Script) -> None:
    robot = script.text(ANNA, "/help", group=GROUP)
    robot["message"]["from"]["is_bot"] = True
    assert read(robot) is None
    forwarded = script.photo(
        Person(id=777000),
        "a",
        group=GROUP,
        caption="/classify",
        sender_chat={"id": -1009, "type": "channel", "title": "News"},
        is_automatic_forward=True,
    )
    assert read(forwarded) is None
    nobody = script.text(ANNA, "/help", group=GROUP)
    del nobody["message"]["from"]
    assert read(nobody) is None


# What the inbox keeps


def test_what_is_kept_is_read_back(script: Script) -> None:
    for update in (
        script.photo(ANNA, "a", media_group_id="album", group=GROUP),
        script.text(ANNA, "/guide 종이"),
        script.message(ANNA, sticker=_STICKER),
        script.press(ANNA, "guide:paper", script.text(ANNA, "?")["message"]),
    ):
        received = read(update)
        assert received is not None
        assert payload.read(payload.write(received)) == received


def test_what_an_earlier_version_kept_is_read_as_meant() -> None:
    kept = b'{"chat":5,"message":7,"user":5,"is_private":true,"asked":{"kind":"photo","file_id":"a"}}'
    assert payload.read(kept).is_meant


def test_no_name_is_kept_and_no_words_are_shown_by_accident(script: Script) -> None:
    received = read(script.text(Person(first_name="Gildong"), "my secret"))
    assert received is not None
    assert b"Gildong" not in payload.write(received)
    assert "secret" not in repr(received)
