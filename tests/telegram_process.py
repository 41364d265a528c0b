"""``bunri telegram`` as an operator runs it beside an inference host."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.fake_telegram.server import FakeTelegram
from tests.host_process import TOKEN


@contextmanager
def bunri_telegram(telegram: FakeTelegram, folder: Path, host: str, **settings: str) -> Iterator[list[str]]:
    """The command, and what it logs; ended by SIGTERM. Its database is ``folder/bunri.db``."""
    home = {
        "BUNRI_TELEGRAM__TOKEN": telegram.token,
        "BUNRI_TELEGRAM__BASE_URL": telegram.base_url,
        "BUNRI_TELEGRAM__BASE_FILE_URL": telegram.base_file_url,
        "BUNRI_DATABASE__URL": f"sqlite:///{folder / 'bunri.db'}",
        "BUNRI_DATABASE__SECRET_FILE": str(folder / "secret.key"),
        "BUNRI_INFERENCE__URLS": host,
        "BUNRI_INFERENCE__TOKEN": TOKEN,
        # No model could be opened there: it is the host that looks at photos.
        "BUNRI_INFERENCE__WEIGHTS": str(folder / "no-weights"),
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "bunri.cli", "telegram"],
        env={**os.environ, **home, **settings},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    log: list[str] = []
    reading = threading.Thread(target=log.extend, args=(process.stderr,))
    reading.start()
    try:
        yield log
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 0
    finally:
        process.kill()
        process.wait()
        reading.join()
        process.stderr.close()
