"""Bunri's adapter as a process of its own: ``python -m tests.fake_discord.process ADDRESS FOLDER``."""

import asyncio
import sys
from pathlib import Path

from tests.fake_discord.bot import started
from tests.fake_discord.server import pointed_at


async def main(address: str, folder: Path) -> None:
    """Answer until the process ends."""
    with pointed_at(address):
        async with started(folder) as (adapter, _):
            await adapter.run()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2])))
