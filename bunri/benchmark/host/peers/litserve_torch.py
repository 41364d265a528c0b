"""LitServe around torchvision's ResNet-50 with its own transforms: the recipe of most tutorials.

Arguments: port, workers. Weights are random: they do not change the time.
"""

import sys
from typing import Any, cast

import fastapi
import litserve
import torch
import torchvision
from PIL import Image


class Photos(litserve.LitAPI):  # type: ignore[misc]
    """Its four steps."""

    def setup(self, device: str) -> None:
        """Once in each worker, which has a core of its own."""
        torch.set_num_threads(1)
        self._transform = torchvision.models.ResNet50_Weights.DEFAULT.transforms(antialias=True)
        self._network = torchvision.models.resnet50(weights=None).eval()

    def decode_request(self, request: fastapi.Request) -> torch.Tensor:
        """A form's file, as the network wants it; it is the form that comes, whatever the annotation has to say."""
        with Image.open(cast(Any, request)["image"].file) as image:
            pixels: torch.Tensor = self._transform(image.convert("RGB"))
        return pixels[None]

    def predict(self, photo: torch.Tensor) -> torch.Tensor:
        """One photo."""
        with torch.inference_mode():
            logits: torch.Tensor = self._network(photo)
        return logits.softmax(1)[0]

    def encode_response(self, output: torch.Tensor) -> dict[str, float | int]:
        """The best label."""
        best = int(output.argmax())
        return {"label": best, "confidence": float(output[best])}


if __name__ == "__main__":
    server = litserve.LitServer(Photos(), accelerator="cpu", workers_per_device=int(sys.argv[2]))
    server.run(host="127.0.0.1", port=int(sys.argv[1]), generate_client_file=False, log_level="error")
