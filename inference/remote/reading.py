"""What a host answered, made sense of: a value, an error of the photo, or a ``HostFault``."""

import asyncio
from collections.abc import Callable
from typing import Final, TypeVar

from pydantic import ValidationError

from inference.answer import Classification, MadePicture
from inference.errors import (
    DeadlinePassed,
    DecodeError,
    GenerationUnavailable,
    HostRefused,
    InferenceBusy,
    InferenceClosed,
    InferenceError,
)
from inference.labels import Label
from inference.remote.backoff import retry_after_seconds
from inference.remote.exchange import Answered
from inference.remote.fault import Fault, HostFault
from inference.wire import (
    LAST_SEED,
    PROBLEM_TYPE,
    ClassificationBody,
    PicturesBody,
    ProblemBody,
    classification_of,
    error_of,
    pictures_of,
)

T = TypeVar("T")

_JSON: Final = "application/json"
_PNG: Final = b"\x89PNG\r\n\x1a\n"
_SMALL: Final = 128 * 1024
"""Bytes that are read on the event loop; more would hold it up."""

_OF_STATUS: Final = {
    401: Fault.UNAUTHORISED,
    403: Fault.UNAUTHORISED,
    404: Fault.MISPLACED,
    405: Fault.MISPLACED,
    429: Fault.BUSY,
    500: Fault.FAILED,
    502: Fault.UNWELL,
    503: Fault.UNWELL,
    504: Fault.UNWELL,
}


async def value_of(answered: Answered, read: Callable[[bytes], T]) -> T:
    """What the body holds, by ``read``, which raises ValueError for anything else.

    Raises:
        DecodeError: the photo is not acceptable; so would it be to every host.
        HostFault: there is no value in it.

    """
    if answered.status != 200:
        raise error_in(answered)
    if answered.content_type != _JSON:
        raise HostFault(Fault.NONSENSE, f"it sent {_shown(answered.content_type)} instead of JSON")
    try:
        if len(answered.body) <= _SMALL:
            return read(answered.body)
        return await asyncio.to_thread(read, answered.body)
    except ValueError as error:
        # pydantic's error quotes what came; it stays out of the log.
        raise HostFault(Fault.NONSENSE, "its JSON is not an answer") from error


def error_in(answered: Answered) -> DecodeError | HostFault:
    """What an answer that is not 200 means."""
    wish = retry_after_seconds(answered.retry_after)
    if answered.content_type == PROBLEM_TYPE:
        try:
            body = ProblemBody.model_validate_json(answered.body)
        except ValidationError:
            return fault_of_status(answered.status, "its problem details are not readable", wish)
        # Whoever is between us and the host may write the body; what the status says comes first.
        if body.status == answered.status:
            return _problem(error_of(body, wish), answered.status, wish)
    return fault_of_status(answered.status, f"it answered {answered.status}", wish)


def read_classification(body: bytes) -> Classification:
    """A classification.

    Raises:
        ValueError: it is none, or contradicts itself.

    """
    answer = classification_of(ClassificationBody.model_validate_json(body))
    if answer.top[0].label is not answer.label:
        raise ValueError("the likeliest label is not the first")
    return answer


def pictures_reader(label: Label, count: int, seed: int) -> Callable[[bytes], tuple[MadePicture, ...]]:
    """Reads exactly these pictures; whatever else came raises ValueError."""

    def read(body: bytes) -> tuple[MadePicture, ...]:
        made = pictures_of(PicturesBody.model_validate_json(body))
        wanted = [(seed + place) % (LAST_SEED + 1) for place in range(count)]
        if [each.seed for each in made] != wanted or any(each.label is not label for each in made):
            raise ValueError("these are not the pictures that were asked for")
        if not all(each.png.startswith(_PNG) and each.fingerprint for each in made):
            raise ValueError("one of them is not a marked PNG file")
        return made

    return read


def _problem(error: InferenceError, status: int, wish: float | None) -> DecodeError | HostFault:
    match error:
        case DecodeError():
            return error
        case InferenceBusy():
            return HostFault(Fault.BUSY, "", retry_after=error.retry_after)
        case InferenceClosed():
            return HostFault(Fault.CLOSING, "", retry_after=wish or 1.0)
        case DeadlinePassed():
            return HostFault(Fault.LATE, "")
        case GenerationUnavailable():
            return HostFault(Fault.NO_PICTURES, str(error), cause=error)
        case HostRefused():
            return fault_of_status(status, _shown(error.code), wish)
        case _:
            return fault_of_status(status, "", wish)


def fault_of_status(status: int, detail: str, wish: float | None = None) -> HostFault:
    """What an answer that is not 200 means where its body tells nothing.

    ``wish`` is what it asks for in Retry-After, seconds.
    """
    if status < 400:
        return HostFault(Fault.NONSENSE, f"it answered {status}")
    fault = _OF_STATUS.get(status, Fault.UNWELL if status >= 500 else Fault.REFUSED)
    if fault is Fault.UNWELL and status == 503 and wish is not None:
        fault = Fault.BUSY
    return HostFault(fault, detail, retry_after=wish)


def _shown(text: str) -> str:
    """Of what a stranger wrote, what may stand in a log."""
    return "".join(each for each in text[:40] if each.isascii() and each.isprintable()) or "nothing"
