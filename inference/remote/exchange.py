"""One request to one host, and what came back: bytes in time, or a ``HostFault``."""

import asyncio
import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import aiohttp
from yarl import URL

from inference.remote.fault import Fault, HostFault

_CHUNK: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class Asked:
    """A request.

    Attributes:
        path: on the host, such as ``/v1/classify``.
        body: bytes to post.
        content_type: of the body.
        most_bytes: that an answer may have.

    """

    path: str
    body: bytes
    content_type: str
    most_bytes: int


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer, whole.

    Attributes:
        status: of HTTP.
        content_type: in lower case, without parameters.
        retry_after: the header as it came.
        body: its bytes.

    """

    status: int
    content_type: str
    retry_after: str | None
    body: bytes


async def exchange(
    http: aiohttp.ClientSession,
    url: URL,
    asked: Asked,
    headers: Mapping[str, str],
    *,
    connect_s: float,
    read_s: float,
) -> Answered:
    """Post it and read the answer.

    Args:
        http: the session.
        url: the whole address.
        asked: what to post.
        headers: beside the content type.
        connect_s: seconds for the connection, TLS included.
        read_s: seconds without a byte.

    Raises:
        HostFault: there is no answer, or a longer one than allowed, or one that is compressed.

    """
    timeout = aiohttp.ClientTimeout(sock_connect=connect_s, sock_read=read_s)
    # From a file in memory: aiohttp sends it in pieces and lets others have their turn.
    body = io.BytesIO(asked.body)
    try:
        async with http.post(
            url,
            data=body,
            headers={**headers, "Content-Type": asked.content_type},
            timeout=timeout,
            # Neither a photo nor a token follows where somebody else points to.
            allow_redirects=False,
        ) as answer:
            content = await _content(answer, asked.most_bytes)
            return Answered(answer.status, answer.content_type.lower(), answer.headers.get("Retry-After"), content)
    except (aiohttp.ClientError, OSError) as error:
        raise fault_of(error) from error


async def _content(answer: aiohttp.ClientResponse, most_bytes: int) -> bytes:
    if answer.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise HostFault(Fault.NONSENSE, "the answer is compressed, which was not asked for")
    content = bytearray()
    async for chunk in answer.content.iter_chunked(_CHUNK):
        content += chunk
        if len(content) > most_bytes:
            raise HostFault(Fault.NONSENSE, f"the answer is longer than {most_bytes} bytes")
    return bytes(content)


def fault_of(error: Exception) -> HostFault:
    """What aiohttp's error means for the host. Nothing of the error's own text that could quote an answer is kept."""
    match error:
        case aiohttp.ClientConnectorCertificateError():
            return HostFault(Fault.UNTRUSTED, _certificate(error.certificate_error))
        case aiohttp.ClientSSLError():
            return HostFault(Fault.UNTRUSTED, "TLS could not be agreed on")
        case aiohttp.ClientConnectorDNSError():
            return HostFault(Fault.UNREACHABLE, "its name is not known")
        case aiohttp.ClientConnectorError():
            return HostFault(Fault.UNREACHABLE, error.os_error.strerror or type(error.os_error).__name__)
        case aiohttp.ConnectionTimeoutError():
            return HostFault(Fault.UNREACHABLE, "no connection in time")
        case asyncio.TimeoutError():
            return HostFault(Fault.SILENT, "no answer in time")
        case aiohttp.ClientResponseError():
            return HostFault(Fault.NONSENSE, "the answer is not HTTP")
        case aiohttp.ClientConnectionError() | aiohttp.ClientPayloadError() | OSError():
            return HostFault(Fault.BROKEN_OFF, "the connection ended before the answer did")
        case _:
            return HostFault(Fault.NONSENSE, type(error).__name__)


def _certificate(error: Exception) -> str:
    # OpenSSL's sentence ("certificate has expired", "Hostname mismatch, ...") names what to mend.
    message = getattr(error, "verify_message", "")
    return f"its certificate is not accepted: {message}" if message else "its certificate is not accepted"
