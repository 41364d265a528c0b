"""Whether an address answers 200: ``python docker/healthcheck.py URL``, for containers that have no curl.

Exit code 0 when it does, 1 when it does not within 4 seconds (the images allow 5), 2 without an address.
"""

import http.client
import sys
import urllib.request
from typing import Final

PATIENCE_S: Final = 4.0


def answers(url: str) -> bool:
    """Whether GET gives 200; anything else, silence too, is a no."""
    # No proxy of the environment: what is asked runs in the same container.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=PATIENCE_S) as answer:
            return bool(answer.status == 200)
    except (OSError, ValueError, http.client.HTTPException):
        return False


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(2)
    sys.exit(0 if answers(sys.argv[1]) else 1)
