"""What ``bunri doctor`` asks of the inference hosts: are they there, ready, ours, and do they know the same labels?"""

import asyncio
from collections.abc import Iterator
from typing import Final

import aiohttp
from pydantic import ValidationError
from yarl import URL

from bunri.check import Check, State
from bunri.settings import InferenceSettings
from bunri.wiring import remote_options
from inference.errors import HostsMisconfigured
from inference.labels import LABELS
from inference.remote.address import path_on, tells_everybody
from inference.remote.exchange import Answered, fault_of
from inference.remote.fault import Fault, HostFault
from inference.remote.operator_words import operator_words
from inference.remote.options import RemoteOptions
from inference.remote.prober import READY_PATH
from inference.remote.reading import error_in
from inference.wire import LABELS_PATH, LabelsBody

_PATIENCE_S: Final = 5.0
_MOST_BYTES: Final = 64 * 1024

_PASSING: Final = frozenset({Fault.BUSY, Fault.CLOSING, Fault.UNWELL})

_REMEDIES: Final = {
    Fault.UNREACHABLE: "start `bunri serve` there, or change BUNRI_INFERENCE__URLS",
    Fault.UNTRUSTED: "BUNRI_INFERENCE__CA_FILE names who signed its certificate; the certificate names the host",
    Fault.UNAUTHORISED: "put one of the host's tokens into BUNRI_INFERENCE__TOKEN or its _FILE",
    Fault.MISPLACED: "BUNRI_INFERENCE__URLS holds addresses without /v1",
    Fault.NONSENSE: "see whether BUNRI_INFERENCE__URLS is the address of `bunri serve`",
}


def host_checks(settings: InferenceSettings) -> Iterator[Check]:
    """A check for each host, and one of all of them together; blocks, for some seconds at most."""
    try:
        options = remote_options(settings)
    except HostsMisconfigured as error:
        yield Check("hosts", State.PROBLEM, str(error), "see docs/operating.md")
        return
    found = asyncio.run(_look_at_all(options))
    models = {each.model for each in found if isinstance(each, LabelsBody)}
    for url, each in zip(options.hosts, found, strict=True):
        yield _check(url, each, has_token=options.token is not None)
    if len(models) > 1:
        remedy = "give all hosts the same weights: the same photo gets different answers"
        yield Check("hosts", State.NOTE, f"answer with different models: {', '.join(sorted(models))}", remedy)


async def _look_at_all(options: RemoteOptions) -> list[LabelsBody | HostFault]:
    connector = aiohttp.TCPConnector(ssl=True if options.tls is None else options.tls)
    timeout = aiohttp.ClientTimeout(total=_PATIENCE_S, sock_connect=min(options.connect_s, _PATIENCE_S))
    async with aiohttp.ClientSession(connector=connector, timeout=timeout) as http:
        return await asyncio.gather(*(_look_at(http, url, options.token) for url in options.hosts))


async def _look_at(http: aiohttp.ClientSession, url: URL, token: str | None) -> LabelsBody | HostFault:
    try:
        ready = await _get(http, path_on(url, READY_PATH), {})
        if ready.status == 503:
            return HostFault(Fault.CLOSING, "it is not ready")
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        answered = await _get(http, path_on(url, LABELS_PATH), headers)
        if answered.status != 200:
            error = error_in(answered)
            return error if isinstance(error, HostFault) else HostFault(Fault.NONSENSE, "")
        return LabelsBody.model_validate_json(answered.body)
    except (aiohttp.ClientError, OSError) as error:
        return fault_of(error)
    except ValidationError:
        return HostFault(Fault.NONSENSE, "its labels are not ours, or it is of another version")


async def _get(http: aiohttp.ClientSession, url: URL, headers: dict[str, str]) -> Answered:
    async with http.get(url, headers=headers, allow_redirects=False) as answer:
        body = bytearray()
        async for chunk in answer.content.iter_chunked(_MOST_BYTES):
            body += chunk
            if len(body) > _MOST_BYTES:
                break
        return Answered(answer.status, answer.content_type.lower(), None, bytes(body))


def _check(url: URL, found: LabelsBody | HostFault, *, has_token: bool) -> Check:
    name = "inference host"
    if isinstance(found, HostFault):
        state = State.NOTE if found.fault in _PASSING else State.PROBLEM
        return Check(name, state, operator_words(url, found), _REMEDIES.get(found.fault, "try again later"))
    if set(found.labels) != set(LABELS):
        remedy = "run the same version of Bunri on both"
        return Check(name, State.PROBLEM, f"{url} does not tell the same labels apart", remedy)
    if has_token and tells_everybody(url):
        told = f"{url} is ready, but the token and photos travel readable"
        return Check(name, State.NOTE, told, "https://, see docs/operating.md")
    pictures = found.generator or "no pictures"
    return Check(name, State.OK, f"{url} is ready: {found.model}, {pictures}")
