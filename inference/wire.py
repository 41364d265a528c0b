"""The JSON of an inference host, both ways, and of the command line: the one place that knows its keys.

The models validate what comes in, on the host and in its client, and the OpenAPI document is made from them.
What goes out and comes in again is the same value: numbers are written in full.
"""

import base64
import binascii
import json
from enum import StrEnum
from http import HTTPStatus
from typing import Annotated, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

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
)
from inference.labels import Label

CLASSIFY_PATH: Final = "/v1/classify"
GENERATE_PATH: Final = "/v1/generate"
LABELS_PATH: Final = "/v1/labels"

IMAGE_FIELD: Final = "image"
"""Name of the photo's part in a multipart body."""

REQUEST_ID_HEADER: Final = "X-Request-Id"
DEADLINE_HEADER: Final = "X-Deadline-Ms"
"""Milliseconds, a whole number from 1, that the caller still waits when it sends the request."""

PROBLEM_TYPE: Final = "application/problem+json"

MOST_PICTURES: Final = 16
LAST_SEED: Final = 2**31 - 1
FINGERPRINT_DIGITS: Final = 280
"""Of ``inference.fingerprint``, which a bot whose photos other machines look at need not load."""

_DIGITS: Final = 4

Probability = Annotated[float, Field(ge=0.0, le=1.0)]
Fingerprint = Annotated[str, StringConstraints(pattern=rf"^([0-9a-f]{{{FINGERPRINT_DIGITS}}})?$")]


def _whole(number: object) -> object:
    """JSON knows no integers: 5.0 is 5, as JSON Schema has it."""
    return int(number) if isinstance(number, float) and number.is_integer() else number


Seed = Annotated[int, Field(ge=0, le=LAST_SEED), BeforeValidator(_whole)]
PictureCount = Annotated[int, Field(ge=1, le=MOST_PICTURES), BeforeValidator(_whole)]

# An answer may have keys that this version does not know; a request may not: a misspelt one would be ignored.
_ANSWER: Final = ConfigDict(frozen=True)
_REQUEST: Final = ConfigDict(frozen=True, strict=True, extra="forbid")


class ProblemCode(StrEnum):
    """Why a host did not answer, beside the values of ``DecodeProblem``."""

    INVALID = "invalid"
    UNAUTHORISED = "unauthorised"
    NOT_FOUND = "not_found"
    METHOD = "method"
    TOO_SLOW = "too_slow"
    NO_LENGTH = "no_length"
    TOO_MUCH = "too_much"
    UNSUPPORTED_BODY = "unsupported_body"
    TOO_MANY_AT_ONCE = "too_many_at_once"
    INTERNAL = "internal"
    NO_GENERATOR = "no_generator"
    STARTING = "starting"
    BUSY = "busy"
    GENERATOR_BUSY = "generator_busy"
    CLOSING = "closing"
    DEADLINE = "deadline"


class LabelProbabilityBody(BaseModel):
    """A label and its calibrated probability."""

    model_config = _ANSWER

    label: Label
    p: Probability


class ClassificationBody(BaseModel):
    """The answer to one photo; the fields are those of ``inference.answer.Classification``."""

    model_config = _ANSWER

    label: Label
    confidence: Probability
    top: tuple[LabelProbabilityBody, ...] = Field(min_length=1)
    decision: Decision
    candidates: tuple[Label, ...]
    hazards: tuple[Hazard, ...]
    waste_score: Probability
    notices: tuple[Notice, ...]
    model: str
    fingerprint: Fingerprint


class GenerateRequest(BaseModel):
    """What pictures are wanted; without a seed the host takes one."""

    model_config = _REQUEST

    label: Label
    n: PictureCount = 1
    seed: Seed | None = None


class PictureBody(BaseModel):
    """A PNG file in base64, the seed that makes it again, and the fingerprint it is known by."""

    model_config = _ANSWER

    b64_json: str
    seed: Seed
    fingerprint: Fingerprint


class PicturesBody(BaseModel):
    """The pictures that were made."""

    model_config = _ANSWER

    images: tuple[PictureBody, ...] = Field(min_length=1)
    label: Label
    model: str


class LabelsBody(BaseModel):
    """What the host can tell apart, and the names and versions of its models."""

    model_config = _ANSWER

    labels: tuple[Label, ...]
    model: str
    generator: str | None


class ProblemBody(BaseModel):
    """Problem details (RFC 9457). ``type`` is about:blank, so ``title`` is the status's own phrase.

    Attributes:
        code: a ``ProblemCode`` or a ``DecodeProblem``; a str, since a newer host may know further ones.
        limit: bytes or pixels that were passed, where the problem is one of size.
        found: what kind of file it looks like, where that is known.

    """

    model_config = _ANSWER

    type: str = "about:blank"
    title: str
    status: int = Field(ge=400, le=599)
    detail: str = ""
    code: str
    limit: int | None = None
    found: str | None = None


_STATUS: Final[dict[str, int]] = {
    DecodeProblem.EMPTY: 422,
    DecodeProblem.TOO_MANY_BYTES: 413,
    DecodeProblem.NOT_AN_IMAGE: 415,
    DecodeProblem.UNSUPPORTED_FORMAT: 415,
    DecodeProblem.TOO_MANY_PIXELS: 413,
    DecodeProblem.ZERO_SIZE: 422,
    DecodeProblem.TRUNCATED: 422,
    DecodeProblem.CORRUPT: 422,
    ProblemCode.INVALID: 422,
    ProblemCode.UNAUTHORISED: 401,
    ProblemCode.NOT_FOUND: 404,
    ProblemCode.METHOD: 405,
    ProblemCode.TOO_SLOW: 408,
    ProblemCode.NO_LENGTH: 411,
    ProblemCode.TOO_MUCH: 413,
    ProblemCode.UNSUPPORTED_BODY: 415,
    ProblemCode.TOO_MANY_AT_ONCE: 429,
    ProblemCode.INTERNAL: 500,
    ProblemCode.NO_GENERATOR: 501,
    ProblemCode.STARTING: 503,
    ProblemCode.BUSY: 503,
    ProblemCode.GENERATOR_BUSY: 503,
    ProblemCode.CLOSING: 503,
    ProblemCode.DEADLINE: 504,
}


_OF_A_PHOTO: Final = frozenset(each.value for each in DecodeProblem)


def problem(code: ProblemCode | DecodeProblem, detail: str = "") -> ProblemBody:
    """A problem with the status that belongs to its code."""
    status = _STATUS[code]
    return ProblemBody(title=HTTPStatus(status).phrase, status=status, detail=detail, code=code.value)


def problem_of(error: InferenceError) -> ProblemBody:
    """An error of inference as a host sends it; one that a host cannot explain is "internal" and says no more."""
    match error:
        case DecodeError():
            return problem(error.problem, error.detail).model_copy(update={"limit": error.limit, "found": error.found})
        case InferenceBusy():
            return problem(ProblemCode.BUSY, str(error))
        case InferenceClosed():
            return problem(ProblemCode.CLOSING, str(error))
        case DeadlinePassed():
            return problem(ProblemCode.DEADLINE, str(error))
        case GenerationUnavailable():
            code = ProblemCode.GENERATOR_BUSY if error.is_busy else ProblemCode.NO_GENERATOR
            return problem(code, str(error))
        case _:
            return problem(ProblemCode.INTERNAL)


def error_of(body: ProblemBody, retry_after: float | None = None) -> InferenceError:
    """The error behind a problem; what only an operator can mend becomes ``HostRefused``.

    Args:
        body: of the answer.
        retry_after: seconds, from the answer's header.

    """
    if body.code in _OF_A_PHOTO:
        return DecodeError(DecodeProblem(body.code), body.detail, limit=body.limit, found=body.found)
    match body.code:
        case ProblemCode.BUSY | ProblemCode.TOO_MANY_AT_ONCE | ProblemCode.STARTING:
            return InferenceBusy() if retry_after is None else InferenceBusy(max(1.0, retry_after))
        case ProblemCode.CLOSING:
            return InferenceClosed(body.detail)
        case ProblemCode.DEADLINE:
            return DeadlinePassed()
        case ProblemCode.GENERATOR_BUSY:
            return GenerationUnavailable(is_busy=True)
        case ProblemCode.NO_GENERATOR:
            return GenerationUnavailable()
        case _:
            return HostRefused(body.status, body.code, body.detail)


def classification_body(answer: Classification) -> ClassificationBody:
    """An answer as a host sends it."""
    return ClassificationBody(
        label=answer.label,
        confidence=answer.confidence,
        top=tuple(LabelProbabilityBody(label=entry.label, p=entry.p) for entry in answer.top),
        decision=answer.decision,
        candidates=answer.candidates,
        hazards=answer.hazards,
        waste_score=answer.waste_score,
        notices=answer.notices,
        model=answer.model,
        fingerprint=answer.fingerprint,
    )


def classification_of(body: ClassificationBody) -> Classification:
    """The answer that a host sent."""
    return Classification(
        label=body.label,
        confidence=body.confidence,
        top=tuple(LabelProbability(entry.label, entry.p) for entry in body.top),
        decision=body.decision,
        candidates=body.candidates,
        hazards=body.hazards,
        waste_score=body.waste_score,
        model=body.model,
        notices=body.notices,
        fingerprint=body.fingerprint,
    )


def pictures_body(made: tuple[MadePicture, ...]) -> PicturesBody:
    """Pictures of one label, at least one, as a host sends them."""
    images = tuple(
        PictureBody(b64_json=base64.b64encode(each.png).decode(), seed=each.seed, fingerprint=each.fingerprint)
        for each in made
    )
    return PicturesBody(images=images, label=made[0].label, model=made[0].model)


def pictures_of(body: PicturesBody) -> tuple[MadePicture, ...]:
    """The pictures that a host sent.

    Raises:
        ValueError: one of them is not base64.

    """
    try:
        return tuple(
            MadePicture(
                base64.b64decode(each.b64_json, validate=True), body.label, each.seed, body.model, each.fingerprint
            )
            for each in body.images
        )
    except binascii.Error as error:
        raise ValueError("a picture is not base64") from error


def to_json(answer: Classification) -> dict[str, object]:
    """The answer for the command line, as values that ``json.dumps`` takes; probabilities rounded to four digits.

    Keys: label, confidence, top [{label, p}], decision, candidates, hazards, waste_score, notices, model.
    """
    return {
        "label": answer.label.value,
        "confidence": round(answer.confidence, _DIGITS),
        "top": [{"label": entry.label.value, "p": round(entry.p, _DIGITS)} for entry in answer.top],
        "decision": answer.decision.value,
        "candidates": [label.value for label in answer.candidates],
        "hazards": [hazard.value for hazard in answer.hazards],
        "waste_score": round(answer.waste_score, _DIGITS),
        "notices": [notice.value for notice in answer.notices],
        "model": answer.model,
    }


def to_line(answer: Classification) -> str:
    """The answer as one line of JSON."""
    return json.dumps(to_json(answer), ensure_ascii=False)
