"""The one OpenVINO core of a process."""

import threading
from functools import cache
from typing import Final

import openvino as ov

_ONE_MAKES: Final = threading.Lock()


def core() -> ov.Core:
    """Made once, whichever threads ask for it at the same time, and kept until the process ends.

    The CPU plugin gives the thread that loads it an alternate signal stack, and frees that when the last core goes,
    on whichever thread this happens: another one than the first leaves the first with a stack that is not there, and
    the next signal kills the process.
    """
    with _ONE_MAKES:  # a cache alone lets two threads make one each
        return _made()


@cache
def _made() -> ov.Core:
    return ov.Core()
