"""What the operator can set about a host."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class HostOptions:
    """The limits of a host.

    Attributes:
        tokens: of the callers, each of them good; none lets everybody in.
        max_bytes: bytes in one photo.
        in_flight_per_token: requests of one token that may be answered at the same time.
        read_seconds: how long a caller may take to send the body of one request.
        uploads: requests of all callers together that may be answered at the same time; each holds a photo at most.
        body_bytes: of all photos together that may be held at the same time, by the lengths that they announce.

    """

    tokens: tuple[str, ...] = field(default=(), repr=False)
    max_bytes: int = 20_000_000
    in_flight_per_token: int = 64
    read_seconds: float = 30.0
    uploads: int = 256
    body_bytes: int = 512_000_000
