"""A running site with a scripted inference, and somebody who visits it."""

from collections.abc import AsyncIterator

import pytest

from bots.web import WebOptions
from inference.answer import Decision
from inference.errors import DecodeError, DecodeProblem
from inference.labels import Label
from tests.databases import database, database_url, postgres_server, sqlite_url
from tests.s3_server import s3_server
from tests.scripted_inference import ScriptedInference, verdict
from tests.web_site import Visitor, running_site, visiting

__all__ = ["database", "database_url", "postgres_server", "s3_server", "sqlite_url"]


@pytest.fixture
def inference() -> ScriptedInference:
    return ScriptedInference(
        {
            b"paper": verdict(Label.PAPER),
            b"doubt": verdict(Label.METAL, 0.5, decision=Decision.ASK, candidates=(Label.METAL, Label.TRASH)),
            b"broken": DecodeError(DecodeProblem.CORRUPT, "bad huffman"),
            b"bug": ZeroDivisionError("our fault"),
        }
    )


@pytest.fixture
async def site(inference: ScriptedInference) -> AsyncIterator[str]:
    async with running_site(inference, WebOptions(max_bytes=1000, max_photos=3)) as url:
        yield url


@pytest.fixture
async def visitor(site: str) -> AsyncIterator[Visitor]:
    async with visiting(site) as someone:
        yield someone
