import os
import subprocess
import sys


def test_a_terminal_that_has_no_korean_gets_escapes_instead_of_a_traceback() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bunri.cli", "guide", "battery", "--lang", "ko"],
        env={**os.environ, "PYTHONIOENCODING": "latin-1"},
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "배터리".encode("ascii", errors="backslashreplace") in done.stdout
