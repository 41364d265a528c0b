"""What Ray reads from the environment when it is imported; so this comes first, and does not import it."""

import os
import secrets


def keep_ray_quiet() -> None:
    """Ray reports its use to its maker, unless told otherwise."""
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"


def lock_own_ray() -> None:
    """Let only this machine reach the Ray that this process starts, and only this process and its children into it.

    Whoever reaches a Ray may run anything in it, and loopback is open to every user of the machine.
    """
    # By its name for other systems; unset, Ray replaces a loopback address by one that other machines reach.
    os.environ["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = "0"
    os.environ["RAY_AUTH_MODE"] = "token"
    os.environ["RAY_AUTH_TOKEN"] = secrets.token_hex(32)
