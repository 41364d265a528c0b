"""The conversation: what is said to which photo and which press, in both languages."""

import shutil

import pytest

from bots.actions import ShowGuide, ShowLabels
from bots.conversation import Conversation
from bots.messages import load_messages
from bots.reply import Card, CardKind
from bots.reply_sections import SectionKind
from bots.request import ButtonPressed, PhotosSent, Resident
from guides import GuideBook, Language, load_guides
from guides.book import DATA
from inference.answer import Classification, Decision, Hazard, LabelProbability, Notice
from inference.errors import DecodeError, DecodeProblem, InferenceError
from inference.labels import LABELS, Label
from tests.scripted_inference import ScriptedInference, Verdict, verdict

KOREAN = Resident("ko", "kr")
ENGLISH = Resident("en", "kr")


@pytest.fixture(scope="module")
def guides() -> GuideBook:
    return load_guides()


async def card_for(guides: GuideBook, said: Verdict, resident: Resident = ENGLISH) -> Card:
    """The card of one photo about which inference says ``said``."""
    conversation = Conversation(ScriptedInference(otherwise=said), guides, load_messages())
    reply = await conversation.reply(PhotosSent((b"photo",)), resident)
    assert len(reply.cards) == 1
    return reply.cards[0]


async def test_a_sure_answer_names_the_class_the_sureness_and_the_guide(guides: GuideBook) -> None:
    card = await card_for(guides, verdict(Label.PAPER, 0.97))
    assert (card.kind, card.headline, card.detail) == (CardKind.ANSWER, "Paper", "Almost certain")
    assert card.scores[0].name == "Paper"
    assert card.scores[0].p == 0.97
    assert card.caution == ""
    assert card.guide is not None
    assert card.guide.label is Label.PAPER
    kinds = [section.kind for section in card.guide.sections]
    assert {SectionKind.STEPS, SectionKind.BECOMES, SectionKind.SOURCES} <= set(kinds)
    assert kinds == sorted(kinds, key=list(SectionKind).index), "sections come in reading order"


async def test_the_same_answer_in_korean_has_no_english_in_its_words(guides: GuideBook) -> None:
    card = await card_for(guides, verdict(Label.PAPER, 0.97), KOREAN)
    assert (card.headline, card.detail) == ("종이", "거의 확실해요")
    assert card.guide is not None
    assert card.guide.place == "대한민국"


@pytest.mark.parametrize(
    ("p", "words", "says_ai_may_be_wrong"),
    [
        (0.95, "Almost certain", False),
        (0.94, "Probably right", False),
        (0.9, "Probably right", False),
        (0.89, "Probably right", True),
        (0.75, "Probably right", True),
        (0.74, "Not sure", True),
    ],
)
async def test_the_number_in_words_and_a_caution_where_one_in_ten_is_wrong(
    guides: GuideBook, p: float, words: str, says_ai_may_be_wrong: bool
) -> None:
    card = await card_for(guides, verdict(Label.METAL, p))
    assert card.detail == words
    assert bool(card.caution) is says_ai_may_be_wrong


async def test_runners_up_that_are_next_to_impossible_are_left_out(guides: GuideBook) -> None:
    probabilities = ((Label.METAL, 0.985), (Label.TRASH, 0.012), (Label.PAPER, 0.003))
    top = tuple(LabelProbability(label, p) for label, p in probabilities)
    said = verdict(Label.METAL, 0.985)
    seen = Classification(Label.METAL, 0.985, top, said.decision, said.candidates, (), 0.9, "m")
    card = await card_for(guides, seen)
    assert [score.label for score in card.scores] == [Label.METAL, Label.TRASH]


async def test_a_doubtful_photo_becomes_a_question_with_the_candidates_as_buttons(guides: GuideBook) -> None:
    candidates = (Label.METAL, Label.PLASTIC)
    card = await card_for(guides, verdict(Label.METAL, 0.5, decision=Decision.ASK, candidates=candidates))
    assert card.kind is CardKind.ASK
    assert [button.action for button in card.buttons] == [
        ShowGuide(Label.METAL),
        ShowGuide(Label.PLASTIC),
        ShowLabels(),
    ]
    assert card.guide is None
    assert "AI may be wrong" in card.caution


async def test_what_is_not_waste_comes_with_how_to_retake_it_and_a_way_to_choose(guides: GuideBook) -> None:
    card = await card_for(guides, verdict(Label.PAPER, 0.4, decision=Decision.NOT_WASTE))
    assert card.kind is CardKind.NOT_WASTE
    assert card.scores == ()
    assert card.tips
    assert [button.action for button in card.buttons] == [ShowLabels()]


async def test_a_battery_warns_before_anything_else_and_does_not_repeat_itself(guides: GuideBook) -> None:
    card = await card_for(guides, verdict(Label.BATTERY, 0.9, hazards=(Hazard.BATTERY,)))
    assert card.banners[0].title == "Check this first: batteries can catch fire"
    battery = guides.find("battery", "kr", "en")
    assert {hazard.text for hazard in battery.hazards} <= set(card.banners[0].lines)
    assert card.guide is not None
    assert SectionKind.HAZARDS not in [section.kind for section in card.guide.sections]


@pytest.mark.parametrize("decision", list(Decision))
async def test_a_battery_that_is_not_the_likeliest_warns_all_the_same(guides: GuideBook, decision: Decision) -> None:
    said = verdict(Label.PLASTIC, 0.7, decision=decision, hazards=(Hazard.BATTERY,))
    card = await card_for(guides, said)
    assert [banner.title for banner in card.banners] == ["Check this first: there may be a battery here"]


async def test_remarks_on_the_picture_are_passed_on(guides: GuideBook) -> None:
    said = verdict(Label.PAPER)
    seen = Classification(
        said.label, said.confidence, said.top, said.decision, said.candidates, (), 0.9, "m", tuple(Notice)
    )
    assert len((await card_for(guides, seen)).notices) == len(Notice)


async def test_one_bad_photo_does_not_keep_the_others_from_being_answered_in_order(guides: GuideBook) -> None:
    inference = ScriptedInference(
        {b"1": verdict(Label.PAPER), b"2": DecodeError(DecodeProblem.TRUNCATED), b"4": verdict(Label.SHOES)}
    )
    too_big = DecodeError(DecodeProblem.TOO_MANY_BYTES, limit=20_000_000)
    conversation = Conversation(inference, guides, load_messages())
    reply = await conversation.reply(PhotosSent((b"1", b"2", too_big, b"4")), ENGLISH)
    assert [card.headline for card in reply.cards] == [
        "Paper",
        "This photo breaks off in the middle",
        "This photo is too big",
        "Shoes",
    ]
    assert "20 MB" in reply.cards[2].detail
    assert inference.seen == [b"1", b"2", b"4"]


@pytest.mark.parametrize("resident", [KOREAN, ENGLISH], ids=["ko", "en"])
@pytest.mark.parametrize("problem", list(DecodeProblem))
async def test_every_problem_has_a_headline_and_a_remedy(
    guides: GuideBook, problem: DecodeProblem, resident: Resident
) -> None:
    card = await card_for(guides, DecodeError(problem, "secret detail", limit=50_000_000), resident)
    assert card.kind is CardKind.PROBLEM
    assert card.headline
    assert card.detail
    assert "secret detail" not in card.headline + card.detail


async def test_an_unsupported_format_is_named_with_what_is_accepted(guides: GuideBook) -> None:
    error = DecodeError(DecodeProblem.UNSUPPORTED_FORMAT, found="pdf")
    card = await card_for(guides, error)
    assert card.headline == "I can’t read PDF files yet"
    assert "JPEG, PNG, WebP, HEIC, AVIF or GIF" in card.detail
    unknown = await card_for(guides, DecodeError(DecodeProblem.UNSUPPORTED_FORMAT), KOREAN)
    assert unknown.headline == "아직 읽지 못하는 형식이에요"


async def test_too_many_pixels_names_the_limit_in_the_units_of_the_language(guides: GuideBook) -> None:
    error = DecodeError(DecodeProblem.TOO_MANY_PIXELS, limit=50_000_000)
    assert "50 megapixels" in (await card_for(guides, error)).detail
    assert "5000만 화소" in (await card_for(guides, error, KOREAN)).detail


async def test_a_fault_of_the_service_is_not_blamed_on_the_photo(guides: GuideBook) -> None:
    card = await card_for(guides, InferenceError("the model host is down"))
    assert card.headline == "I can’t look at photos right now"
    assert [button.action for button in card.buttons] == [ShowLabels()]


async def test_a_fault_of_ours_is_not_swallowed(guides: GuideBook) -> None:
    with pytest.raises(ZeroDivisionError):
        await card_for(guides, ZeroDivisionError())


@pytest.mark.parametrize("resident", [KOREAN, ENGLISH], ids=["ko", "en"])
@pytest.mark.parametrize("label", LABELS)
async def test_pressing_a_label_shows_its_guide(guides: GuideBook, label: Label, resident: Resident) -> None:
    conversation = Conversation(ScriptedInference(), guides, load_messages())
    reply = await conversation.reply(ButtonPressed(ShowGuide(label)), resident)
    page = reply.cards[0].guide
    assert page is not None
    assert page.label is label
    assert page.summary == guides.find(label.value, "kr", resident.language).summary


async def test_pressing_none_of_these_shows_all_twelve_labels_and_how_to_retake(guides: GuideBook) -> None:
    conversation = Conversation(ScriptedInference(), guides, load_messages())
    reply = await conversation.reply(ButtonPressed(ShowLabels()), ENGLISH)
    assert [button.label for button in reply.cards[0].buttons] == list(LABELS)
    assert reply.cards[0].tips


async def test_a_guide_that_nobody_wrote_is_admitted(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("guides")
    shutil.copy(DATA / "headings.yaml", folder)
    card = await card_for(load_guides(folder), verdict(Label.SHOES, hazards=(Hazard.BATTERY,)))
    assert card.guide is None
    assert "There is no guide for this kind yet. Please ask your local council." in card.notices
    assert card.banners[0].lines == ()


async def test_a_link_from_one_guide_to_another_is_a_button(guides: GuideBook) -> None:
    card = await card_for(guides, verdict(Label.PLASTIC), KOREAN)
    assert card.guide is not None
    links = [item.button for section in card.guide.sections for item in section.items if item.button]
    assert ShowGuide(Label.BATTERY) in [link.action for link in links]


async def test_deposits_are_amounts_in_the_words_of_the_language(guides: GuideBook) -> None:
    for resident, unit in ((KOREAN, "100원"), (ENGLISH, "100 won")):
        card = await card_for(guides, verdict(Label.GREEN_GLASS), resident)
        assert card.guide is not None
        money = [s for s in card.guide.sections if s.kind is SectionKind.MONEY]
        assert unit in [item.text for item in money[0].items]


@pytest.mark.parametrize(
    ("language", "place", "note"),
    [
        ("ko", "해외 일반", "일반적인 안내예요. 사는 곳의 규칙이 다르면 그 규칙을 따라 주세요."),
        ("en", "Anywhere (general advice)", "This is general advice. Where your local rules differ, follow them."),
    ],
)
@pytest.mark.parametrize("label", LABELS)
async def test_elsewhere_every_guide_says_that_it_is_general_and_that_local_rules_win(
    guides: GuideBook, label: Label, language: Language, place: str, note: str
) -> None:
    card = await card_for(guides, verdict(label), Resident(language, "intl"))
    assert card.guide is not None
    assert (card.guide.place, card.guide.place_note) == (place, note)


@pytest.mark.parametrize(("label", "place"), [(Label.BATTERY, "Jungnang-gu, Seoul"), (Label.PAPER, "South Korea")])
async def test_in_a_town_the_badge_says_whose_rules_these_are(guides: GuideBook, label: Label, place: str) -> None:
    card = await card_for(guides, verdict(label), Resident("en", "kr-jungnang"))
    assert card.guide is not None
    assert (card.guide.place, card.guide.place_note) == (place, "")
