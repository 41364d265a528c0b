"""python-telegram-bot's transport over aiohttp: a fraction of httpx's processor time for each request."""

from typing import Final

import aiohttp
from telegram._utils.types import ODVInput
from telegram.error import NetworkError, TimedOut
from telegram.request import BaseRequest, RequestData

_CHUNK: Final = 64 * 1024


class AiohttpRequest(BaseRequest):
    """Requests to the Bot API and downloads of files, with one session and a bounded pool of connections."""

    def __init__(
        self,
        *,
        connections: int,
        read_seconds: float = 20.0,
        connect_seconds: float = 10.0,
        max_response_bytes: int = 32_000_000,
    ) -> None:
        """Open nothing yet.

        Args:
            connections: kept open at the same time, >= 1; more requests wait for one.
            read_seconds: without a byte of the answer after which a request is given up.
            connect_seconds: likewise for making the connection.
            max_response_bytes: of an answer or a file; more is refused.

        """
        self._connections = connections
        self._read_seconds = read_seconds
        self._connect_seconds = connect_seconds
        self._max_response_bytes = max_response_bytes
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float | None:
        """Seconds; python-telegram-bot adds the time of a long poll to it."""
        return self._read_seconds

    async def initialize(self) -> None:
        """Open the session. Idempotent."""
        if self._session is None or self._session.closed:
            connector = aiohttp.TCPConnector(limit=self._connections, limit_per_host=self._connections)
            self._session = aiohttp.ClientSession(
                connector=connector, trust_env=True, headers={"User-Agent": self.USER_AGENT}, auto_decompress=True
            )

    async def shutdown(self) -> None:
        """Close the session. Idempotent."""
        if self._session is not None:
            await self._session.close()

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
        write_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
        connect_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
        pool_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """See ``BaseRequest.do_request``. No error names the address, which holds the token."""
        del write_timeout, pool_timeout
        if self._session is None:
            raise RuntimeError("initialize was not called")
        timeout = aiohttp.ClientTimeout(
            sock_connect=_seconds(connect_timeout, self._connect_seconds),
            sock_read=_seconds(read_timeout, self._read_seconds),
        )
        try:
            async with self._session.request(method, url, data=_body(request_data), timeout=timeout) as answer:
                return answer.status, await self._content(answer)
        except TimeoutError:
            raise TimedOut from None
        except (aiohttp.ClientError, OSError) as error:
            raise NetworkError(f"no connection ({type(error).__name__})") from None

    async def _content(self, answer: aiohttp.ClientResponse) -> bytes:
        content = bytearray()
        async for chunk in answer.content.iter_chunked(_CHUNK):
            content += chunk
            if len(content) > self._max_response_bytes:
                raise NetworkError("the answer is too large")
        return bytes(content)


def _seconds(given: ODVInput[float], default: float) -> float | None:
    if given is None or isinstance(given, int | float):
        return given
    return default


def _body(request_data: RequestData | None) -> aiohttp.FormData | dict[str, str] | None:
    if request_data is None:
        return None
    files = request_data.multipart_data
    if not files:
        return request_data.json_parameters
    form = aiohttp.FormData(request_data.json_parameters)
    for name, (file_name, content, mime_type) in files.items():
        form.add_field(name, content, filename=file_name, content_type=mime_type)
    return form
