"""The host's routes: from a request to the engine and back."""

import asyncio
import logging
import secrets
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Final

from aiohttp import hdrs, web
from pydantic import ValidationError

from inference.errors import DeadlinePassed, DecodeError, InferenceError
from inference.host.openapi import document
from inference.host.options import HostOptions
from inference.host.photo_body import check_head, photo_of, text_of
from inference.host.problems import Refused, failure, http_error, refusal
from inference.host.state import HostState
from inference.host.tokens import Tokens
from inference.labels import LABELS
from inference.request_id import accepted_request_id, request_id
from inference.wire import (
    CLASSIFY_PATH,
    DEADLINE_HEADER,
    GENERATE_PATH,
    LABELS_PATH,
    LAST_SEED,
    REQUEST_ID_HEADER,
    GenerateRequest,
    LabelsBody,
    ProblemCode,
    classification_body,
    pictures_body,
)

_log = logging.getLogger(__name__)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_PROBES: Final = frozenset({"/healthz", "/readyz", "/metrics"})
_ROUTES: Final = frozenset({CLASSIFY_PATH, GENERATE_PATH, LABELS_PATH, "/openapi.json", *_PROBES})

_JSON_BYTES: Final = 16 * 1024
"""Of a request for pictures."""

_LONGEST_DEADLINE_MS: Final = 24 * 60 * 60 * 1000
"""More is taken for a mistake."""


def create_host(state: HostState, options: HostOptions) -> web.Application:
    """The application of a host. Its caller opens and closes the engine, and tells ``state``."""
    host = _Host(state, options)
    app = web.Application(middlewares=[host.middleware], client_max_size=_JSON_BYTES)
    app.add_routes(
        [
            web.post(CLASSIFY_PATH, host.classify),
            web.post(GENERATE_PATH, host.generate),
            web.get(LABELS_PATH, host.labels),
            web.get("/openapi.json", host.openapi),
            web.get("/healthz", host.healthz),
            web.get("/readyz", host.readyz),
            web.get("/metrics", host.metrics),
        ]
    )
    return app


class _Host:
    """The handlers, and what they share."""

    def __init__(self, state: HostState, options: HostOptions) -> None:
        self._state = state
        self._options = options
        self._tokens = Tokens(options.tokens)
        self._answering: Counter[int] = Counter()
        self._held_bytes = 0
        self._document = document()

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Names, admits, counts and logs every request; turns errors into problems."""
        begun = time.perf_counter()
        name = accepted_request_id(request.headers.get(REQUEST_ID_HEADER))
        token = request_id.set(name)
        try:
            answer = await self._answer(request, handler)
            took = time.perf_counter() - begun
            route = request.path if request.path in _ROUTES else "other"
            self._state.metrics.answered(route, answer.status, took)
            level = logging.DEBUG if request.path in _PROBES else logging.INFO
            method = request.method if request.method in hdrs.METH_ALL else "other"
            _log.log(level, "%s %s %d in %.0f ms", method, route, answer.status, took * 1000)
        finally:
            request_id.reset(token)
        answer.headers[REQUEST_ID_HEADER] = name
        answer.headers["X-Content-Type-Options"] = "nosniff"
        answer.headers.setdefault("Cache-Control", "no-store")
        answer.headers["Server"] = "bunri"
        if not request.content.is_eof() or self._state.is_leaving:
            # What was left unread would be taken for the next request; and who leaves wants no further ones.
            answer.force_close()
        return answer

    async def classify(self, request: web.Request) -> web.Response:
        """POST /v1/classify: a photo -> what it shows."""
        deadline = _deadline(request)
        self._state.inference().check_room()
        with self._held(check_head(request, self._options.max_bytes)):
            photo = await photo_of(request, self._options.max_bytes, self._options.read_seconds, deadline)
            answer = await self._state.inference().classify(photo, deadline=deadline)
        return web.json_response(text=classification_body(answer).model_dump_json())

    async def generate(self, request: web.Request) -> web.Response:
        """POST /v1/generate: a label -> pictures."""
        deadline = _deadline(request)
        inference = self._state.inference()
        text = await text_of(request, _JSON_BYTES, self._options.read_seconds, deadline)
        try:
            wanted = GenerateRequest.model_validate_json(text)
        except ValidationError as error:
            raise Refused(ProblemCode.INVALID, _first(error)) from error
        seed = secrets.randbelow(LAST_SEED + 1) if wanted.seed is None else wanted.seed
        try:
            async with asyncio.timeout_at(deadline):
                made = await inference.generate(wanted.label, wanted.n, seed)
        except TimeoutError as error:
            raise DeadlinePassed from error
        return web.json_response(text=pictures_body(made).model_dump_json())

    async def labels(self, request: web.Request) -> web.Response:
        """GET /v1/labels: what can be told apart, and by which models."""
        del request
        names = self._state.inference().names
        body = LabelsBody(labels=LABELS, model=names.model, generator=names.generator)
        return web.json_response(text=body.model_dump_json())

    async def openapi(self, request: web.Request) -> web.Response:
        """GET /openapi.json: this contract."""
        del request
        return web.json_response(self._document)

    async def healthz(self, request: web.Request) -> web.Response:
        """GET /healthz: whether the process answers."""
        del request
        return web.json_response({"status": "ok"})

    async def readyz(self, request: web.Request) -> web.Response:
        """GET /readyz: whether requests are taken."""
        del request
        body = {"status": self._state.word}
        if self._state.reload_problem:
            body["reload"] = "failed"
        return web.json_response(body, status=200 if self._state.is_ready else 503)

    async def metrics(self, request: web.Request) -> web.Response:
        """GET /metrics: for Prometheus."""
        del request
        headers = {"Content-Type": "text/plain; version=0.0.4; charset=utf-8"}
        return web.Response(body=self._state.figures(), headers=headers)

    async def _answer(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            if request.path in _PROBES:
                return await handler(request)
            with self._admitted(request):
                return await handler(request)
        except Refused as error:
            return refusal(error)
        except DecodeError as error:
            _log.info("a photo was refused: %s", error.problem.value)
            return failure(error)
        except InferenceError as error:
            answer = failure(error)
            if answer.status == web.HTTPInternalServerError.status_code:
                _log.exception("a request was not answered")
            return answer
        except web.HTTPException as error:
            if error.status < web.HTTPBadRequest.status_code:
                raise
            return http_error(error)
        except Exception:
            _log.exception("a request failed")
            return refusal(Refused(ProblemCode.INTERNAL))

    @contextmanager
    def _admitted(self, request: web.Request) -> Iterator[None]:
        """A place for the length of one request.

        Raises:
            Refused: a stranger, one whose requests take all the places they may, or all places are taken.

        """
        caller = self._tokens.caller(request.headers.get("Authorization"))
        if caller is None:
            raise Refused(ProblemCode.UNAUTHORISED, "send a token of this host: Authorization: Bearer TOKEN")
        if self._answering[caller] >= self._options.in_flight_per_token:
            raise Refused(ProblemCode.TOO_MANY_AT_ONCE, f"{self._options.in_flight_per_token} are being answered")
        if self._answering.total() >= self._options.uploads:
            raise Refused(ProblemCode.BUSY, f"{self._options.uploads} are being answered")
        self._answering[caller] += 1
        try:
            yield
        finally:
            self._answering[caller] -= 1

    @contextmanager
    def _held(self, length: int) -> Iterator[None]:
        """Memory for one photo.

        Raises:
            Refused: the photos of others fill what there is.

        """
        if self._held_bytes and self._held_bytes + length > self._options.body_bytes:
            raise Refused(ProblemCode.BUSY, "too many large photos are held")
        self._held_bytes += length
        try:
            yield
        finally:
            self._held_bytes -= length


def _deadline(request: web.Request) -> float | None:
    """By ``time.monotonic``, when the caller stops waiting; None where it does not say.

    Raises:
        Refused: what it says is no number of milliseconds.

    """
    text = request.headers.get(DEADLINE_HEADER)
    if text is None:
        return None
    # int() would take "1_000", "+5" and digits of other scripts.
    if not (text.isascii() and text.isdigit() and len(text) < 10 and 1 <= int(text) <= _LONGEST_DEADLINE_MS):
        raise Refused(ProblemCode.INVALID, f"{DEADLINE_HEADER} is a whole number of milliseconds, 1 to 86400000")
    return time.monotonic() + int(text) / 1000


def _first(error: ValidationError) -> str:
    """What is wrong with a body, without what it holds."""
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    where = ".".join(str(part) for part in first["loc"][:1] if part in GenerateRequest.model_fields)
    return f"{where or 'the body'}: {first['msg']}"
