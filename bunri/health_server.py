"""``GET /healthz`` for processes without a web page: 200 while all is well, 503 when it is not."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager

from aiohttp import web


@asynccontextmanager
async def health_server(
    health: Callable[[], Awaitable[Mapping[str, object]]], host: str, port: int
) -> AsyncIterator[int]:
    """Answer on this address; yields the port, which is a free one where 0 was asked for.

    Raises:
        OSError: the address cannot be used.

    """

    async def healthz(request: web.Request) -> web.Response:
        del request
        found = await health()
        return web.json_response(dict(found), status=200 if found["status"] == "ok" else 503)

    app = web.Application()
    app.router.add_get("/healthz", healthz)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port)
        await site.start()
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()
