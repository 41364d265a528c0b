import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from inference.answer import Classification, Decision, Hazard, LabelProbability, MadePicture, Notice
from inference.errors import (
    DeadlinePassed,
    DecodeError,
    DecodeProblem,
    GenerationUnavailable,
    HostRefused,
    InferenceBusy,
    InferenceClosed,
    InferenceError,
    WeightsError,
)
from inference.fingerprint import fingerprint
from inference.generation import MOST_AT_ONCE, SEEDS
from inference.labels import LABELS
from inference.request_id import accepted_request_id, new_request_id
from inference.wire import (
    FINGERPRINT_DIGITS,
    LAST_SEED,
    MOST_PICTURES,
    ClassificationBody,
    GenerateRequest,
    PicturesBody,
    ProblemBody,
    ProblemCode,
    classification_body,
    classification_of,
    error_of,
    pictures_body,
    pictures_of,
    problem,
    problem_of,
)

probabilities = st.floats(0.0, 1.0)
labels = st.sampled_from(LABELS)
answers = st.builds(
    Classification,
    label=labels,
    confidence=probabilities,
    top=st.lists(st.builds(LabelProbability, labels, probabilities), min_size=1, max_size=5).map(tuple),
    decision=st.sampled_from(Decision),
    candidates=st.lists(labels, max_size=4).map(tuple),
    hazards=st.sampled_from([(), (Hazard.BATTERY,)]),
    waste_score=probabilities,
    model=st.text(),
    notices=st.lists(st.sampled_from(Notice), max_size=2).map(tuple),
    fingerprint=st.sampled_from(["", "0f" * 140]),
)


@given(answers)
def test_an_answer_arrives_as_it_was_sent_to_the_last_bit(answer: Classification) -> None:
    sent = classification_body(answer).model_dump_json()
    assert classification_of(ClassificationBody.model_validate_json(sent)) == answer


@given(st.binary(), st.integers(0, LAST_SEED))
def test_pictures_arrive_as_they_were_sent(png: bytes, seed: int) -> None:
    made = tuple(MadePicture(png, LABELS[3], each, "gan 1", "ab" * 140) for each in (seed, 0))
    assert pictures_of(PicturesBody.model_validate_json(pictures_body(made).model_dump_json())) == made


def test_a_picture_that_is_not_base64_is_refused() -> None:
    made = (MadePicture(b"png", LABELS[0], 1, "gan 1", ""),)
    body = pictures_body(made)
    spoilt = body.images[0].model_copy(update={"b64_json": "*"})
    with pytest.raises(ValueError, match="base64"):
        pictures_of(body.model_copy(update={"images": (spoilt,)}))


@pytest.mark.parametrize("reason", DecodeProblem)
def test_a_photos_fault_arrives_with_its_fields(reason: DecodeProblem) -> None:
    body = problem_of(DecodeError(reason, "12 bytes", limit=7, found="pdf"))
    arrived = error_of(ProblemBody.model_validate_json(body.model_dump_json()))
    assert isinstance(arrived, DecodeError)
    assert (arrived.problem, arrived.detail, arrived.limit, arrived.found) == (reason, "12 bytes", 7, "pdf")
    assert body.status in {413, 415, 422}
    assert str(arrived) == str(DecodeError(reason, "12 bytes"))


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (InferenceBusy(), 503),
        (InferenceClosed("closed"), 503),
        (DeadlinePassed(), 504),
        (GenerationUnavailable(), 501),
        (GenerationUnavailable(is_busy=True), 503),
    ],
)
def test_what_a_host_cannot_do_now_arrives_as_the_same_error(error: InferenceError, status: int) -> None:
    body = problem_of(error)
    arrived = error_of(body)
    assert body.status == status
    assert (type(arrived), str(arrived), vars(arrived)) == (type(error), str(error), vars(error))


def test_the_wait_of_a_busy_host_arrives_from_its_header() -> None:
    arrived = error_of(problem_of(InferenceBusy(9.0)), retry_after=9.0)
    assert isinstance(arrived, InferenceBusy)
    assert arrived.retry_after == 9.0


def test_an_error_that_is_the_hosts_own_tells_nothing_of_it() -> None:
    body = problem_of(WeightsError("/secret/path is missing"))
    assert (body.status, body.code, body.detail) == (500, "internal", "")
    arrived = error_of(body)
    assert isinstance(arrived, HostRefused)
    assert (arrived.status, arrived.code) == (500, "internal")


def test_a_code_that_this_version_does_not_know_is_a_refusal() -> None:
    arrived = error_of(ProblemBody(title="Teapot", status=418, detail="short and stout", code="teapot"))
    assert isinstance(arrived, HostRefused)
    assert "short and stout" in str(arrived)


@pytest.mark.parametrize("code", [*ProblemCode, *DecodeProblem])
def test_every_code_has_a_status(code: ProblemCode | DecodeProblem) -> None:
    body = problem(code)
    assert 400 <= body.status < 600
    assert body.title


def test_the_limits_of_a_request_are_those_of_the_generator() -> None:
    assert (MOST_PICTURES, LAST_SEED) == (MOST_AT_ONCE, SEEDS - 1)
    assert len(fingerprint(np.zeros((8, 8, 3), np.uint8))) == FINGERPRINT_DIGITS


@pytest.mark.parametrize(
    "body",
    [
        "{}",
        "[]",
        '{"label": "gold"}',
        '{"label": "metal", "n": 0}',
        '{"label": "metal", "n": 17}',
        '{"label": "metal", "n": "2"}',
        '{"label": "metal", "n": true}',
        '{"label": "metal", "n": 1.5}',
        '{"label": "metal", "n": 1e999}',
        '{"label": "metal", "seed": -1}',
        f'{{"label": "metal", "seed": {SEEDS}}}',
        '{"label": "metal", "sead": 1}',
    ],
)
def test_a_wrong_request_for_pictures_is_refused(body: str) -> None:
    with pytest.raises(ValidationError):
        GenerateRequest.model_validate_json(body)


def test_a_whole_number_may_be_written_with_a_point_as_json_schema_has_it() -> None:
    asked = GenerateRequest.model_validate_json('{"label": "metal", "n": 2.0, "seed": 7.0}')
    assert (asked.n, asked.seed) == (2, 7)
    assert (type(asked.n), type(asked.seed)) == (int, int)


def test_a_request_for_pictures_may_leave_out_all_but_the_label() -> None:
    assert GenerateRequest.model_validate_json('{"label": "metal"}') == GenerateRequest(label=LABELS[6], n=1, seed=None)


@pytest.mark.parametrize("given_id", [None, "", "a b", "x" * 65, "a\nb", "한"])
def test_a_request_id_that_could_forge_a_line_of_the_log_is_replaced(given_id: str | None) -> None:
    assert accepted_request_id(given_id) != given_id
    assert accepted_request_id(accepted_request_id(given_id)) != given_id


def test_a_proper_request_id_is_kept() -> None:
    assert accepted_request_id("chat-7.a_B") == "chat-7.a_B"
    assert new_request_id() != new_request_id()
