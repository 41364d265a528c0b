"""LitServe around the same model file: one worker a core, a thread each.

Arguments: port, workers, then those of ``network.of_arguments``.
"""

import sys
from typing import Any, cast

import fastapi
import litserve

from bunri.benchmark.host.peers.network import of_arguments


class Photos(litserve.LitAPI):  # type: ignore[misc]
    """Its four steps; a form's file is what it takes besides JSON."""

    def __init__(self, words: list[str]) -> None:
        super().__init__()
        self._words = words

    def setup(self, device: str) -> None:
        """Once in each worker."""
        self._answer = of_arguments(self._words, threads=1)

    def decode_request(self, request: fastapi.Request) -> bytes:
        """The form's file; it is the form that comes, whatever LitServe wants the annotation to say."""
        content: bytes = cast(Any, request)["image"].file.read()
        return content

    def predict(self, photo: bytes) -> dict[str, float | int]:
        """One photo."""
        return self._answer(photo)

    def encode_response(self, output: dict[str, float | int]) -> dict[str, float | int]:
        """As it is."""
        return output


if __name__ == "__main__":
    server = litserve.LitServer(Photos(sys.argv[3:]), accelerator="cpu", workers_per_device=int(sys.argv[2]))
    server.run(host="127.0.0.1", port=int(sys.argv[1]), generate_client_file=False, log_level="error")
