"""What can go wrong between this process and one host, and what helps against it."""

from enum import StrEnum
from typing import Final

from inference.errors import InferenceError


class Fault(StrEnum):
    """Why a host gave no answer."""

    UNREACHABLE = "unreachable"
    """No connection was made: refused, no route, no such name."""
    UNTRUSTED = "untrusted"
    """TLS failed: a certificate that is wrong, has run out or belongs to another name."""
    BROKEN_OFF = "broken_off"
    """The connection ended before the answer did."""
    SILENT = "silent"
    """It took too long."""
    BUSY = "busy"
    """It has too much to do, and says so."""
    CLOSING = "closing"
    """It is shutting down."""
    NO_PICTURES = "no_pictures"
    """It makes no pictures, or has too many to make."""
    UNWELL = "unwell"
    """A proxy before it found nobody, or it cannot work at the moment: 502, 503, 504."""
    FAILED = "failed"
    """It took the request and failed at it, 500: its own fault, or one that every host has with this photo."""
    LATE = "late"
    """It says that our deadline has passed."""
    NONSENSE = "nonsense"
    """What came back is not an answer of an inference host."""
    UNAUTHORISED = "unauthorised"
    """It does not accept our token."""
    MISPLACED = "misplaced"
    """It does not know the address, or the way of asking."""
    REFUSED = "refused"
    """It will not have this request, and no host will."""


class Where(StrEnum):
    """Where another attempt may succeed."""

    ANYWHERE = "anywhere"
    ELSEWHERE = "elsewhere"
    NOWHERE = "nowhere"


_WHERE: Final = {
    Fault.UNREACHABLE: Where.ANYWHERE,
    Fault.BROKEN_OFF: Where.ANYWHERE,
    Fault.BUSY: Where.ANYWHERE,
    Fault.CLOSING: Where.ANYWHERE,
    Fault.UNWELL: Where.ANYWHERE,
    # A host that is overloaded would be so twice; what is wrong with it alone stays wrong.
    Fault.SILENT: Where.ELSEWHERE,
    Fault.FAILED: Where.ELSEWHERE,
    Fault.NONSENSE: Where.ELSEWHERE,
    Fault.UNTRUSTED: Where.ELSEWHERE,
    Fault.UNAUTHORISED: Where.ELSEWHERE,
    Fault.MISPLACED: Where.ELSEWHERE,
    Fault.NO_PICTURES: Where.ELSEWHERE,
    Fault.LATE: Where.NOWHERE,
    Fault.REFUSED: Where.NOWHERE,
}

_WELL: Final = frozenset({Fault.BUSY, Fault.CLOSING, Fault.NO_PICTURES, Fault.LATE, Fault.REFUSED})
_FOR_THE_OPERATOR: Final = frozenset({Fault.UNTRUSTED, Fault.UNAUTHORISED, Fault.MISPLACED, Fault.NONSENSE})


class HostFault(Exception):
    """One attempt at one host failed.

    Attributes:
        fault: how.
        detail: short technical text for the log; never of the photo.
        retry_after: seconds that the host asked to wait, None where it did not.
        cause: the error that the caller gets if no other host helps, where it is a particular one.

    """

    def __init__(
        self, fault: Fault, detail: str, *, retry_after: float | None = None, cause: InferenceError | None = None
    ) -> None:
        super().__init__(f"{fault.value}: {detail}" if detail else fault.value)
        self.fault = fault
        self.detail = detail
        self.retry_after = retry_after
        self.cause = cause

    @property
    def where(self) -> Where:
        """Where another attempt may succeed."""
        return _WHERE[self.fault]

    @property
    def speaks_against_host(self) -> bool:
        """Whether it counts towards leaving the host out for a while; a host that answers and is busy is well."""
        return self.fault not in _WELL

    @property
    def needs_operator(self) -> bool:
        """Whether no waiting mends it."""
        return self.fault in _FOR_THE_OPERATOR
