"""How a listening socket is given up without resetting those who have just come."""

import ctypes
import select
import socket
import struct
import sys
from collections.abc import Iterable
from typing import Final

_SO_ATTACH_FILTER: Final = 26
"""asm-generic/socket.h; Python's socket module does not name it."""

# Classic BPF on a TCP header (linux/filter.h): a segment with SYN and without ACK is dropped, all else passes.
_NO_NEWCOMERS: Final = (
    (0x30, 0, 0, 13),  # load the byte of the flags
    (0x54, 0, 0, 0x12),  # keep SYN and ACK
    (0x15, 0, 1, 0x02),  # SYN alone?
    (0x06, 0, 0, 0),  # drop it
    (0x06, 0, 0, 0xFFFF_FFFF),  # pass it whole
)


def refuse_newcomers(sockets: Iterable[socket.socket]) -> bool:
    """Have the kernel begin no further handshake; whether it does so on all of them.

    Handshakes that have begun go on, and who was dropped tries again, to find the socket closed: a clean refusal. Only
    Linux can (socket(7), SO_ATTACH_FILTER); a kernel that cannot is not an error.
    """
    if sys.platform != "linux":
        return False
    steps = b"".join(struct.pack("HBBI", *each) for each in _NO_NEWCOMERS)
    held = ctypes.create_string_buffer(steps, len(steps))
    program = struct.pack("HP", len(_NO_NEWCOMERS), ctypes.addressof(held))
    try:
        for each in sockets:
            each.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, program)
    except OSError:
        return False
    return True


def somebody_waits(sockets: Iterable[socket.socket]) -> bool:
    """Whether the kernel holds connections that the program has not accepted; asks, and does not wait."""
    poll = select.poll()
    for each in sockets:
        poll.register(each.fileno(), select.POLLIN)
    return bool(poll.poll(0))
