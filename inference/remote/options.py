"""What is set about inference over HTTP."""

import ssl
from dataclasses import dataclass

from yarl import URL


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteOptions:
    """How hosts are asked.

    Attributes:
        hosts: their addresses, at least one, each once; see ``inference.remote.address.host_address``.
        token: that they want to see; None sends none.
        tls: whose certificates are believed; None: those that this machine's Python believes.
        max_bytes: of a photo; larger ones are refused without being sent.
        timeout_s: seconds for a photo's answer, every attempt and pause included, > 0.
        generate_timeout_s: the same for pictures.
        connect_s: seconds for making a connection, TLS included, > 0.
        read_s: seconds without a byte of a photo's answer after which a host counts as silent, > 0. Pictures take as
            long as they take.
        attempts: requests for one call, the first one included, >= 1.
        connections: to one host at the same time, >= 1; further calls wait for one.
        probe_s: seconds between two looks at a host that is left out, > 0.
        failures: in a row, until a host is left out, >= 1.
        rest_s: seconds that a host is left out the first time, > 0.

    """

    hosts: tuple[URL, ...]
    token: str | None = None
    tls: ssl.SSLContext | None = None
    max_bytes: int = 20_000_000
    timeout_s: float = 20.0
    generate_timeout_s: float = 120.0
    connect_s: float = 3.0
    read_s: float = 8.0
    attempts: int = 4
    connections: int = 32
    probe_s: float = 2.0
    failures: int = 3
    rest_s: float = 2.0
