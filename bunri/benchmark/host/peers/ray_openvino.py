"""Ray Serve alone around the same model file: one replica a core, a thread each.

Arguments: port, replicas, then those of ``network.of_arguments``.
"""

import os
import signal
import sys
import threading

os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")

import ray
from ray import serve
from starlette.requests import Request

from bunri.benchmark.host.peers.network import of_arguments


class Photos:
    """A deployment's class."""

    def __init__(self, words: list[str]) -> None:
        self._answer = of_arguments(words, threads=1)

    async def __call__(self, request: Request) -> dict[str, float | int]:
        """One photo, which is the request's body."""
        return self._answer(await request.body())


if __name__ == "__main__":
    ray.init(include_dashboard=False, log_to_driver=False, object_store_memory=100_000_000)
    serve.start(http_options={"host": "127.0.0.1", "port": int(sys.argv[1])})
    deployment = serve.deployment(
        Photos, num_replicas=int(sys.argv[2]), ray_actor_options={"num_cpus": 1}, max_ongoing_requests=64
    )
    serve.run(deployment.bind(sys.argv[3:]))
    over = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: over.set())
    over.wait()
    serve.shutdown()
    ray.shutdown()
