"""The token bucket, on a clock that the test moves."""

from bots.rate_limit import RateLimiter


class Clock:
    """Seconds, moved by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_burst_as_large_as_the_bucket_passes_and_the_next_one_waits() -> None:
    limiter = RateLimiter(60, clock=Clock())
    assert [limiter.take("a") for _ in range(60)] == [0.0] * 60
    assert limiter.take("a") == 1.0


def test_tokens_come_back_with_time_but_never_more_than_the_bucket_holds() -> None:
    clock = Clock()
    limiter = RateLimiter(60, clock=clock)
    for _ in range(60):
        limiter.take("a")
    clock.now += 2.5
    assert [limiter.take("a") for _ in range(3)] == [0.0, 0.0, 0.5]
    clock.now += 3600
    assert [limiter.take("a") for _ in range(61)] == [0.0] * 60 + [1.0]


def test_a_refused_try_costs_nothing() -> None:
    clock = Clock()
    limiter = RateLimiter(1, clock=clock)
    limiter.take("a")
    assert [limiter.take("a") for _ in range(5)] == [60.0] * 5
    clock.now += 60
    assert limiter.take("a") == 0.0


def test_several_tokens_are_taken_all_or_none() -> None:
    clock = Clock()
    limiter = RateLimiter(60, clock=clock)
    assert [limiter.take("a", 50), limiter.take("a", 20), limiter.take("a", 10)] == [0.0, 10.0, 0.0]
    clock.now += 60
    assert limiter.take("a", 61) == 1.0, "more than there can be"
    assert limiter.take("a", 60) == 0.0


def test_one_client_does_not_use_up_another_ones_tokens() -> None:
    limiter = RateLimiter(1, clock=Clock())
    limiter.take("a")
    assert limiter.take("b") == 0.0
    assert limiter.take("a") > 0


def test_memory_is_bounded_and_the_quietest_clients_are_forgotten_first() -> None:
    limiter = RateLimiter(1, clients=3, clock=Clock())
    for client in ("a", "b", "c"):
        limiter.take(client)
    limiter.take("a")
    for client in ("d", "e"):
        limiter.take(client)
    assert len(limiter) == 3
    assert limiter.take("a") > 0, "a was heard of lately, so it is still limited"
