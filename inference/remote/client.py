"""Inference on other machines, behind the same interface as in this process."""

import asyncio
import json
import logging
import random
import time
from collections.abc import Callable
from typing import Final, TypeVar

import aiohttp

from inference.answer import Classification, MadePicture
from inference.errors import (
    DecodeError,
    DecodeProblem,
    HostsFailed,
    InferenceClosed,
    InferenceError,
    InferenceUnavailable,
)
from inference.labels import Label
from inference.remote.address import path_on
from inference.remote.backoff import full_jitter
from inference.remote.breaker import Breaker, Permit
from inference.remote.deadline import Deadline
from inference.remote.doubt import Doubt
from inference.remote.exchange import Asked, exchange
from inference.remote.fault import Fault, HostFault, Where
from inference.remote.host import Host, choose, free_in, hosts_of
from inference.remote.operator_words import operator_words
from inference.remote.options import RemoteOptions
from inference.remote.prober import Prober
from inference.remote.reading import pictures_reader, read_classification, value_of
from inference.remote.seldom import Seldom
from inference.request_id import new_request_id, request_id
from inference.wire import (
    CLASSIFY_PATH,
    DEADLINE_HEADER,
    GENERATE_PATH,
    LAST_SEED,
    MOST_PICTURES,
    REQUEST_ID_HEADER,
)

_log = logging.getLogger(__name__)

T = TypeVar("T")

_MOST_CLASSIFICATION: Final = 64 * 1024
_MOST_PICTURE: Final = 4 * 1024 * 1024
"""Bytes of an answer; a picture of 512 px without any structure takes 1.1 MB of base64."""

_LONGEST_REST_S: Final = 60.0
"""However long a host, or a proxy before it, asks to be left alone."""

_CLOCKS_DIFFER_S: Final = 0.02
"""By so much the event loop may be early."""


class RemoteInference:
    """Inference by hosts. One event loop may use it; it is made and closed there.

    A call is over within its time: it is tried again, elsewhere where there is an elsewhere, for faults against
    which that helps. Both calls may be sent twice: a photo changes nothing on a host, and pictures hang on their seed.
    """

    def __init__(
        self,
        options: RemoteOptions,
        *,
        clock: Callable[[], float] = time.monotonic,
        rng: random.Random | None = None,
    ) -> None:
        """Connect to nothing yet; the event loop runs.

        Args:
            options: what was set.
            clock: seconds, never going back.
            rng: of choices and pauses.

        """
        self._options = options
        self._clock = clock
        self._rng = rng or random.Random()  # noqa: S311 - choices and pauses, not secrets
        self._credentials = {} if options.token is None else {"Authorization": f"Bearer {options.token}"}
        self._hosts = hosts_of(options.hosts, lambda: Breaker(clock, failures=options.failures, rest_s=options.rest_s))
        connector = aiohttp.TCPConnector(
            limit=0, limit_per_host=options.connections, ssl=True if options.tls is None else options.tls
        )
        self._http = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"Accept-Encoding": "identity", "User-Agent": "bunri"},
            auto_decompress=False,
        )
        self._prober = Prober(
            self._http,
            self._hosts,
            self._rng,
            headers=self._credentials,
            tell=self._note,
            every_s=options.probe_s,
            patience_s=options.connect_s,
        )
        self._operator = Seldom(_log, clock)
        self._in_flight = 0
        self._drained = asyncio.Event()
        self._drained.set()
        self._closing = False

    def look(self) -> None:
        """Have every host looked at, in the background: what an operator must mend is in the log before a photo comes.

        A host that refuses the token is left out until it takes it.
        """
        self._prober.look_at_all()

    async def classify(self, image: bytes) -> Classification:
        """See ``inference.interface.Inference``.

        Raises:
            DecodeError: the bytes are not an acceptable photo.
            HostsFailed: each host that was asked failed at it, or one says that none will have it.
            InferenceUnavailable: no host answered within the time.
            InferenceClosed: ``close`` was called before.

        """
        self._must_be_open()
        if len(image) > self._options.max_bytes:
            raise DecodeError(DecodeProblem.TOO_MANY_BYTES, limit=self._options.max_bytes)
        asked = Asked(CLASSIFY_PATH, image, "application/octet-stream", _MOST_CLASSIFICATION)
        return await self._call(asked, read_classification, self._options.timeout_s, self._options.read_s)

    async def generate(self, label: Label, count: int, seed: int) -> tuple[MadePicture, ...]:
        """See ``Inference``.

        Raises:
            GenerationUnavailable: no host makes pictures, or all have too many to make.
            HostsFailed: each host that was asked failed at it, or one says that none will have it.
            InferenceUnavailable: no host answered within the time.
            ValueError: ``count`` is not 1 to 16, or the seed is out of range.
            InferenceClosed: ``close`` was called before.

        """
        self._must_be_open()
        if not 1 <= count <= MOST_PICTURES or not 0 <= seed <= LAST_SEED:
            raise ValueError(f"1 to {MOST_PICTURES} pictures, seeds from 0 to {LAST_SEED}")
        body = json.dumps({"label": label.value, "n": count, "seed": seed}).encode()
        asked = Asked(GENERATE_PATH, body, "application/json", count * _MOST_PICTURE)
        seconds = self._options.generate_timeout_s
        return await self._call(asked, pictures_reader(label, count, seed), seconds, seconds)

    async def close(self) -> None:
        """See ``Inference``. New calls are refused at once; those in flight end first, within their time."""
        self._closing = True
        await self._drained.wait()
        await self._prober.close()
        await self._http.close()

    def _must_be_open(self) -> None:
        if self._closing:
            raise InferenceClosed("inference is closed")

    async def _call(self, asked: Asked, read: Callable[[bytes], T], seconds: float, read_s: float) -> T:
        """Ask until there is an answer, nothing helps any more, or the time is over."""
        deadline = Deadline.after(seconds, self._clock)
        name = request_id.get() or new_request_id()
        self._in_flight += 1
        self._drained.clear()
        try:
            async with asyncio.timeout(seconds):
                return await self._attempts(asked, read, read_s, deadline, name)
        except TimeoutError:
            raise InferenceUnavailable("deadline", f"request {name}, {seconds:g} s are over") from None
        finally:
            self._in_flight -= 1
            if not self._in_flight:
                self._drained.set()

    async def _attempts(
        self, asked: Asked, read: Callable[[bytes], T], read_s: float, deadline: Deadline, name: str
    ) -> T:
        left_out: set[Host] = set()
        last: Host | None = None
        faults: list[HostFault] = []
        with Doubt() as doubt:
            for attempt in range(1, self._options.attempts + 1):
                host = await self._chosen([host for host in self._hosts if host not in left_out], last, deadline)
                if host is None:
                    break
                permit = host.breaker.permit()
                try:
                    answer = await self._attempt(host, permit, asked, read, read_s, deadline, name)
                except HostFault as failed:
                    last, fault = host, failed
                except InferenceError:
                    self._resolve(doubt)
                    raise
                else:
                    self._resolve(doubt)
                    return answer
                faults.append(fault)
                if fault.fault is Fault.FAILED:
                    doubt.add(host.breaker, permit)
                self._note(host, fault)
                if fault.where is Where.NOWHERE:
                    break
                if fault.where is Where.ELSEWHERE:
                    left_out.add(host)
                if attempt < self._options.attempts:
                    await asyncio.sleep(full_jitter(attempt, self._rng))
        raise self._error(faults, name)

    def _resolve(self, doubt: Doubt) -> None:
        doubt.resolve()
        if any(host.is_out for host in self._hosts):
            self._prober.wake()

    async def _chosen(self, hosts: list[Host], last: Host | None, deadline: Deadline) -> Host | None:
        """The next host to ask; one that is only busy is waited for, if it asks for less than the time that is left."""
        while True:
            now = self._clock()
            host = choose(hosts, now, self._rng, last=last)
            if host is not None:
                return host
            wait = free_in(hosts, now)
            if wait is None or wait >= deadline.remaining():
                return None
            await asyncio.sleep(wait + full_jitter(1, self._rng))

    async def _attempt(
        self,
        host: Host,
        permit: Permit,
        asked: Asked,
        read: Callable[[bytes], T],
        read_s: float,
        deadline: Deadline,
        name: str,
    ) -> T:
        """Ask one host. What became of the permit is told to its breaker, but for ``Fault.FAILED``."""
        told = {REQUEST_ID_HEADER: name, DEADLINE_HEADER: str(deadline.milliseconds())}
        try:
            with host.counted():
                answered = await exchange(
                    self._http,
                    path_on(host.url, asked.path),
                    asked,
                    {**told, **self._credentials},
                    connect_s=self._options.connect_s,
                    read_s=read_s,
                )
                value = await value_of(answered, read)
        except HostFault as fault:
            if fault.fault is Fault.FAILED:
                raise
            if fault.speaks_against_host:
                host.breaker.failed(permit)
            else:
                host.breaker.succeeded(permit)
            raise
        except InferenceError:
            host.breaker.succeeded(permit)
            raise
        except asyncio.CancelledError:
            # Our own deadline, while this host had the call: that it was slow is its own doing.
            if deadline.remaining() < _CLOCKS_DIFFER_S:
                host.breaker.failed(permit)
                self._note(host, HostFault(Fault.SILENT, "no answer before the deadline"))
            else:
                host.breaker.given_up(permit)
            raise
        except BaseException:
            host.breaker.given_up(permit)
            raise
        host.breaker.succeeded(permit)
        return value

    def _note(self, host: Host, fault: HostFault) -> None:
        if fault.retry_after is not None:
            host.busy_until = max(host.busy_until, self._clock() + min(fault.retry_after, _LONGEST_REST_S))
        if host.is_out:
            self._prober.wake()
        level = logging.ERROR if fault.needs_operator else logging.WARNING
        self._operator.say((host, fault.fault), level, operator_words(host.url, fault))

    def _error(self, faults: list[HostFault], name: str) -> InferenceError:
        """What the caller gets where nobody answered; ``faults`` are those of the attempts, in their order."""
        if not faults:
            wait = free_in(self._hosts, self._clock())
            reason = "no_host" if wait is None else Fault.BUSY.value
            return InferenceUnavailable(reason, f"request {name}, all are left alone for a while", retry_after=wait)
        fault = faults[-1]
        # While one of the hosts could not be asked, it may be the one that copes: that is an outage still.
        enough = min(self._options.attempts, len(self._hosts))
        if fault.fault is Fault.REFUSED or [each.fault for each in faults] == [Fault.FAILED] * enough:
            return HostsFailed(fault.fault.value, f"request {name}")
        if fault.cause is not None:
            return fault.cause
        return InferenceUnavailable(fault.fault.value, f"request {name}", retry_after=fault.retry_after)
