"""What can go wrong on the way from bytes to an answer, as types with fields.

The words a person reads are made from these at the edge (``bots/messages.py``), in their language.
"""

from enum import StrEnum
from pathlib import Path


class InferenceError(Exception):
    """The root of everything that ``inference`` raises on purpose."""


class DecodeProblem(StrEnum):
    """Why bytes are not a photo we accept. The value is the stable code seen in JSON and logs."""

    EMPTY = "empty"
    TOO_MANY_BYTES = "too_many_bytes"
    NOT_AN_IMAGE = "not_an_image"
    UNSUPPORTED_FORMAT = "unsupported_format"
    TOO_MANY_PIXELS = "too_many_pixels"
    ZERO_SIZE = "zero_size"
    TRUNCATED = "truncated"
    CORRUPT = "corrupt"


class DecodeError(InferenceError):
    """The bytes were refused.

    Attributes:
        problem: the stable code.
        detail: short technical text for logs; never shown to residents, never holds image content.
        limit: the limit that was passed (bytes or pixels), where the problem is one of size.
        found: what kind of file it looks like ("pdf", "svg", "tiff", ...), where that is known.

    """

    def __init__(
        self,
        problem: DecodeProblem,
        detail: str = "",
        *,
        limit: int | None = None,
        found: str | None = None,
    ) -> None:
        super().__init__(f"{problem.value}: {detail}" if detail else problem.value)
        self.problem = problem
        self.detail = detail
        self.limit = limit
        self.found = found


class WeightsError(InferenceError):
    """The weights cannot be used: a file is missing, altered, or of another shape than its manifest.

    ``str(error)`` is one sentence that an operator can act on.
    """

    def __init__(self, sentence: str, path: Path | None = None) -> None:
        super().__init__(sentence)
        self.path = path


class BackendUnavailable(InferenceError):
    """The chosen backend cannot run here (its package or its device is missing)."""


class InferenceClosed(InferenceError):
    """A photo came after ``close``: the process is shutting down."""


class InferenceBusy(InferenceError):
    """So many photos wait already that this one was not taken.

    Attributes:
        retry_after: seconds, >= 1, after which there is likely room.

    """

    def __init__(self, retry_after: float = 1.0) -> None:
        super().__init__(f"too many photos wait; there is room in about {retry_after:.0f} s")
        self.retry_after = retry_after


class DeadlinePassed(InferenceError):
    """Nobody waits for the answer any more, so it was not worked out."""

    def __init__(self) -> None:
        super().__init__("the time that the caller gave is over")


class HostRefused(InferenceError):
    """An inference host did not answer, for a reason that its operator or ours must mend: a wrong token, say.

    Attributes:
        status: of the HTTP answer.
        code: the stable code of its problem, see ``inference.wire.ProblemCode``; "" where it sent none.

    """

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(f"the inference host answered {status}: {detail or code or 'without a reason'}")
        self.status = status
        self.code = code


class HostsMisconfigured(InferenceError):
    """The inference hosts cannot be asked as they are set up here; ``str`` of it tells an operator what to change."""


class InferenceUnavailable(InferenceError):
    """No inference host answered in time: they are down, too busy, or will not have us. Later one may.

    Attributes:
        reason: the stable code of what was wrong last, see ``inference.remote.fault.Fault``; "deadline" where the
            time was over; "no_host" where every host is being left out for a while.
        retry_after: seconds after which it may be worth asking again, where somebody said so.

    """

    def __init__(self, reason: str, detail: str = "", *, retry_after: float | None = None) -> None:
        super().__init__(f"no inference host answered ({reason})" + (f": {detail}" if detail else ""))
        self.reason = reason
        self.retry_after = retry_after


class HostsFailed(InferenceError):
    """Inference hosts were there, and none of those that were asked could cope with this photo: it is no outage.

    The same photo would fail again, so nobody should wait for it.

    Attributes:
        reason: "failed" (500) or "refused", see ``inference.remote.fault.Fault``.

    """

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"the inference hosts could not answer this ({reason})" + (f": {detail}" if detail else ""))
        self.reason = reason


class GenerationUnavailable(InferenceError):
    """No generator is installed here, or it has too much to do at the moment."""

    def __init__(self, *, is_busy: bool = False) -> None:
        super().__init__("the generator has too much to do" if is_busy else "there is no generator")
        self.is_busy = is_busy
