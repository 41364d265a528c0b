"""The web page: an aiohttp adapter of the conversation, and the page it serves."""

from bots.web.app import create_app
from bots.web.options import WebOptions
from bots.web.server import WebServer

__all__ = ["WebOptions", "WebServer", "create_app"]
