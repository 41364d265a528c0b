"""What the client of inference hosts decides, without a host: breaker, pauses, choice, addresses, log lines."""

import logging
import random
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from yarl import URL

from inference.remote.address import host_address, path_on, tells_everybody
from inference.remote.backoff import full_jitter, retry_after_seconds
from inference.remote.breaker import Breaker, Permit, State
from inference.remote.deadline import Deadline
from inference.remote.fault import Fault, HostFault
from inference.remote.host import Host, choose, free_in
from inference.remote.operator_words import operator_words
from inference.remote.seldom import Seldom


class Clock:
    """Seconds that a test lets pass."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def state_of(breaker: Breaker) -> State:
    """By a call: mypy takes a property for unchanged."""
    return breaker.state


def tripped(clock: Clock) -> Breaker:
    breaker = Breaker(clock, failures=2, rest_s=10.0, longest_rest_s=35.0)
    for _ in range(2):
        breaker.failed(breaker.permit())
    return breaker


def test_a_breaker_opens_after_failures_in_a_row_only() -> None:
    breaker = Breaker(Clock(), failures=3)
    for outcome in (breaker.failed, breaker.failed, breaker.succeeded, breaker.failed, breaker.failed):
        outcome(breaker.permit())
    assert state_of(breaker) is State.CLOSED
    breaker.failed(breaker.permit())
    assert state_of(breaker) is State.OPEN
    with pytest.raises(RuntimeError):
        breaker.permit()


def test_after_its_rest_one_request_at_a_time_tries_the_host() -> None:
    clock = Clock()
    breaker = tripped(clock)
    clock.now += 9.9
    assert not breaker.admits
    clock.now += 0.2
    assert state_of(breaker) is State.HALF_OPEN
    permit = breaker.permit()
    assert not breaker.admits
    breaker.succeeded(permit)
    assert state_of(breaker) is State.CLOSED


def test_each_failed_trial_doubles_the_rest_up_to_a_limit_and_success_forgets_it() -> None:
    clock = Clock()
    breaker = tripped(clock)
    clock.now += 10
    for rest in (20, 35, 35):
        breaker.failed(breaker.permit())
        clock.now += rest - 0.1
        assert state_of(breaker) is State.OPEN
        clock.now += 0.2
        assert state_of(breaker) is State.HALF_OPEN
    breaker.succeeded(breaker.permit())
    for _ in range(2):
        breaker.failed(breaker.permit())
    clock.now += 10.1
    assert state_of(breaker) is State.HALF_OPEN


def test_a_trial_whose_caller_left_makes_room_for_the_next() -> None:
    clock = Clock()
    breaker = tripped(clock)
    clock.now += 10
    breaker.given_up(breaker.permit())
    assert breaker.admits


def test_a_probe_shortens_the_rest() -> None:
    breaker = tripped(Clock())
    breaker.probed_well()
    assert state_of(breaker) is State.HALF_OPEN


def test_what_was_sent_before_the_breaker_opened_says_nothing_afterwards() -> None:
    breaker = Breaker(Clock(), failures=2)
    before = breaker.permit()
    for _ in range(2):
        breaker.failed(breaker.permit())
    breaker.succeeded(before)
    assert state_of(breaker) is State.OPEN
    breaker.failed(before)
    assert state_of(breaker) is State.OPEN


class AnyOrder(RuleBasedStateMachine):
    """Whatever happens in whatever order, what a breaker promises holds."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        self.breaker = Breaker(self.clock, failures=2, rest_s=10, longest_rest_s=40)
        self.out: list[Permit] = []
        self.trials: list[Permit] = []

    @precondition(lambda self: self.breaker.admits)
    @rule()
    def go(self) -> None:
        is_trial = state_of(self.breaker) is State.HALF_OPEN
        permit = self.breaker.permit()
        self.out.append(permit)
        if is_trial:
            self.trials = [permit]
            assert not self.breaker.admits, "one at a time"

    @precondition(lambda self: self.out)
    @rule(data=st.data(), how=st.sampled_from(["succeeded", "failed", "given_up"]))
    def end(self, data: st.DataObject, how: str) -> None:
        permit = self.out.pop(data.draw(st.integers(0, len(self.out) - 1)))
        getattr(self.breaker, how)(permit)

    @rule(seconds=st.floats(0, 60))
    def wait(self, seconds: float) -> None:
        self.clock.now += seconds

    @rule()
    def probe(self) -> None:
        self.breaker.probed_well()

    @invariant()
    def it_is_never_left_out_for_good(self) -> None:
        if state_of(self.breaker) is State.OPEN:
            ahead = Clock()
            ahead.now, self.breaker._clock = self.clock.now + 40.1, ahead
            assert state_of(self.breaker) is not State.OPEN
            self.breaker._clock = self.clock


TestAnyOrder = AnyOrder.TestCase


@given(st.integers(1, 10_000), st.integers())
def test_pauses_are_bounded(attempt: int, seed: int) -> None:
    assert 0 <= full_jitter(attempt, random.Random(seed)) <= 3


def test_pauses_grow_and_spread() -> None:
    rng = random.Random(1)
    means = [sum(full_jitter(attempt, rng) for _ in range(500)) / 500 for attempt in (1, 2, 3)]
    assert means == sorted(means)
    assert len({full_jitter(3, rng) for _ in range(50)}) == 50


NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("", None),
        ("soon", None),
        ("-3", None),
        ("1.5", None),
        ("٣", None),
        ("0", 0.0),
        (" 7 ", 7.0),
        ("9" * 5000, 3600.0),
        (format_datetime(NOW + timedelta(seconds=30), usegmt=True), 30.0),
        (format_datetime(NOW - timedelta(days=1), usegmt=True), 0.0),
        ("Fri, 01 May 2026 12:00:05 -0000", 5.0),
    ],
)
def test_retry_after_is_read_as_the_rfc_has_it(header: str | None, seconds: float | None) -> None:
    assert retry_after_seconds(header, NOW) == seconds


@given(st.text())
def test_no_retry_after_is_too_strange(header: str) -> None:
    seconds = retry_after_seconds(header, NOW)
    assert seconds is None or 0 <= seconds <= 3600


def hosts(clock: Clock, *in_flight: int) -> list[Host]:
    return [
        Host(URL(f"http://h{place}/"), Breaker(clock, failures=1), in_flight=many)
        for place, many in enumerate(in_flight)
    ]


def test_of_two_hosts_the_less_busy_one_is_asked() -> None:
    clock = Clock()
    both = hosts(clock, 5, 2)
    assert {choose(both, clock.now, random.Random(seed)) for seed in range(20)} == {both[1]}


def test_of_many_hosts_the_busiest_is_never_asked_and_others_share() -> None:
    clock = Clock()
    many = hosts(clock, 0, 0, 0, 9)
    asked = {choose(many, clock.now, random.Random(seed)) for seed in range(100)}
    assert asked == set(many[:3])


def test_a_host_that_failed_a_moment_ago_is_asked_again_only_where_there_is_no_other() -> None:
    clock = Clock()
    both = hosts(clock, 0, 9)
    rng = random.Random(1)
    assert choose(both, clock.now, rng, last=both[0]) is both[1]
    assert choose(both[:1], clock.now, rng, last=both[0]) is both[0]


def test_hosts_that_are_out_or_busy_are_not_asked() -> None:
    clock = Clock()
    both = hosts(clock, 0, 0)
    both[0].breaker.failed(both[0].breaker.permit())
    both[1].busy_until = clock.now + 4
    assert choose(both, clock.now, random.Random(1)) is None
    assert free_in(both, clock.now) == 4, "the one that is out is not waited for"
    assert choose(both, clock.now + 4, random.Random(1)) is both[1]
    assert free_in(both[:1], clock.now) is None


def test_a_deadline_ends_at_nothing_and_hosts_are_told_a_whole_positive_number() -> None:
    clock = Clock()
    deadline = Deadline.after(2.5, clock)
    assert deadline.milliseconds() == 2500
    clock.now += 9
    assert (deadline.remaining(), deadline.milliseconds()) == (0.0, 1)


@pytest.mark.parametrize(
    ("written", "photo"),
    [
        ("https://gpu.example", "https://gpu.example/v1/classify"),
        ("http://127.0.0.1:9000/", "http://127.0.0.1:9000/v1/classify"),
        (" https://proxy.example/bunri/ ", "https://proxy.example/bunri/v1/classify"),
        ("http://[::1]:9000", "http://[::1]:9000/v1/classify"),
    ],
)
def test_paths_are_joined_to_what_the_operator_wrote(written: str, photo: str) -> None:
    assert str(path_on(host_address(written), "/v1/classify")) == photo


@pytest.mark.parametrize(
    "written",
    ["", "gpu.example", "ftp://gpu.example", "http://", "http://h:port", "http://h/?a=1", "https://u:secret@h", "/v1"],
)
def test_what_is_no_address_of_a_host_is_refused_without_being_quoted(written: str) -> None:
    with pytest.raises(ValueError, match="inference host") as caught:
        host_address(written)
    assert "secret" not in str(caught.value)


def test_only_plain_text_to_other_machines_tells_everybody() -> None:
    told = ["http://gpu.example", "https://gpu.example", "http://localhost:1", "http://[::1]:1"]
    assert [tells_everybody(URL(each)) for each in told] == [True, False, False, False]


def test_every_fault_has_words_and_a_rule() -> None:
    for fault in Fault:
        told = HostFault(fault, "detail")
        assert "http://h/" in operator_words(URL("http://h/"), told)
        assert told.where
        assert told.needs_operator <= told.speaks_against_host


def test_a_line_is_said_once_a_minute_with_how_often_it_was_not(caplog: pytest.LogCaptureFixture) -> None:
    clock = Clock()
    seldom = Seldom(logging.getLogger("test"), clock)
    for _ in range(5):
        seldom.say("a", logging.ERROR, "down")
    seldom.say("b", logging.ERROR, "other")
    clock.now += 61
    seldom.say("a", logging.ERROR, "down")
    seldom.say("a", logging.ERROR, "down")
    assert [record.getMessage() for record in caplog.records] == ["down", "other", "down (4 more times since)"]
