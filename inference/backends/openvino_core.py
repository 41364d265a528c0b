"""The one OpenVINO core of a process."""

from functools import cache

import openvino as ov


@cache
def core() -> ov.Core:
    """Made once and kept until the process ends.

    The CPU plugin gives the thread that loads it an alternate signal stack, and frees that when the last core goes,
    on whichever thread this happens: another one than the first leaves the first with a stack that is not there, and
    the next signal kills the process.
    """
    return ov.Core()
