"""Discord's REST interface, gateway and file server over real sockets, as far as Bunri uses them."""

from tests.fake_discord.server import Call, FakeDiscord, Fault, running

__all__ = ["Call", "FakeDiscord", "Fault", "running"]
