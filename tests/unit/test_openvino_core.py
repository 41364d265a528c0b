"""The one OpenVINO core of a process."""

import time
from concurrent.futures import ThreadPoolExecutor
from functools import cache

import pytest

from inference.backends import openvino_core


def test_threads_that_ask_at_once_get_the_same_core(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[object] = []

    def make() -> object:
        made.append(object())
        time.sleep(0.05)
        return made[-1]

    # The process's own core stays where it is: it must not go before the process does.
    monkeypatch.setattr(openvino_core, "_made", cache(make))
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda _: openvino_core.core(), range(4)))
    assert len(made) == 1
    assert set(found) == set(made)
