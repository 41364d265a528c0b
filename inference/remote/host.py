"""One inference host, and which of several is asked."""

import random
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from yarl import URL

from inference.remote.breaker import Breaker, State


@dataclass(eq=False, slots=True)
class Host:
    """A host as this process sees it.

    Attributes:
        url: its address.
        breaker: whether it is left out.
        in_flight: requests that it has not answered yet.
        busy_until: the moment until which it asked to be left alone, seconds of the breaker's clock.

    """

    url: URL
    breaker: Breaker
    in_flight: int = field(default=0)
    busy_until: float = field(default=0.0)

    @property
    def is_out(self) -> bool:
        """Whether nothing is sent there for now."""
        return self.breaker.state is State.OPEN

    def takes(self, now: float) -> bool:
        """Whether a request may go there now."""
        return self.breaker.admits and now >= self.busy_until

    @contextmanager
    def counted(self) -> Iterator[None]:
        """A request is in flight meanwhile."""
        self.in_flight += 1
        try:
            yield
        finally:
            self.in_flight -= 1


def choose(hosts: Sequence[Host], now: float, rng: random.Random, *, last: Host | None = None) -> Host | None:
    """The host to ask: of two that take requests, drawn at random, the one with less in flight.

    Two choices level the load nearly as well as looking at all would, and do not send everybody to the same one
    (Mitzenmacher 2001). ``last`` failed a moment ago: it is asked again only where there is no other. None: no host
    takes requests.
    """
    takers = [host for host in hosts if host.takes(now)]
    others = [host for host in takers if host is not last]
    drawn = rng.sample(others or takers, min(2, len(others or takers)))
    return min(drawn, key=lambda host: host.in_flight, default=None)


def free_in(hosts: Collection[Host], now: float) -> float | None:
    """Seconds until the first host that is merely busy wants to be asked again; None where there is none."""
    waits = [host.busy_until - now for host in hosts if host.breaker.admits and host.busy_until > now]
    return min(waits, default=None)


def hosts_of(urls: Sequence[URL], breaker: Callable[[], Breaker]) -> tuple[Host, ...]:
    """A host for each address."""
    return tuple(Host(url, breaker()) for url in urls)
