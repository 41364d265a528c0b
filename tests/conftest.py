"""What all tests share."""

import os
from pathlib import Path

from hypothesis import settings

from tests.weights_fixture import own_weights, tiny_weights

__all__ = ["own_weights", "tiny_weights"]

PROJECT_ROOT = Path(__file__).resolve().parent.parent

SHARED_DATA = Path(os.environ.get("BUNRI_SHARED", PROJECT_ROOT.parent / "shared" / "data"))
"""The real photos; tests that need them skip, saying so, where they are absent."""

# A first example pays for imports, and shared machines are slow at times: no time limit an example.
settings.register_profile("bunri", deadline=None)
settings.load_profile("bunri")
