"""Files that browsers keep, and ask whether they have changed."""

from aiohttp import web


def kept_by_browsers(
    request: web.Request, content: bytes, content_type: str, etag: str, *, charset: str | None = None
) -> web.Response:
    """The file, or that it is still the same."""
    headers = {"Cache-Control": "no-cache", "ETag": f'"{etag}"'}
    if any(each.value == etag for each in request.if_none_match or ()):
        return web.Response(status=304, headers=headers)
    return web.Response(body=content, content_type=content_type, charset=charset, headers=headers)
