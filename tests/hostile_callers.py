"""Callers who mean harm, each in a way of its own, on connections of their own."""

import asyncio
import gzip
import random
from collections.abc import AsyncIterator, Callable, Iterator

from tests.host_process import TOKEN

Pieces = Iterator[bytes]

_KNOWN = f"POST /v1/classify HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer {TOKEN}\r\n".encode()
_PHOTO = _KNOWN + b"Content-Type: image/png\r\n"
_FORM = _KNOWN + b"Content-Type: multipart/form-data; boundary=b\r\n"

PAUSE_S = 0.05
MOST_BYTES = 64 * 1024


def _with_length(head: bytes, body: bytes) -> Pieces:
    yield head + b"Content-Length: %d\r\n\r\n" % len(body) + body


def slow_head(rng: random.Random) -> Pieces:
    """Slow loris: a head that never ends, a byte now and then, until the caller is gone without a word."""
    yield b"POST /v1/classify HTTP/1.1\r\nHost: x\r\nX"
    for _ in range(rng.randrange(4, 10)):
        yield b"X"


def slow_body(rng: random.Random) -> Pieces:
    """A body that comes a byte at a time, and not to its end."""
    yield _PHOTO + b"Content-Length: 5000\r\n\r\n"
    for _ in range(rng.randrange(4, 10)):
        yield rng.randbytes(1)


def cut_body(rng: random.Random) -> Pieces:
    """Half of what was announced."""
    half = rng.randrange(1, 200_000)
    yield _PHOTO + b"Content-Length: %d\r\n\r\n" % (2 * half) + rng.randbytes(half)


def huge_head(rng: random.Random) -> Pieces:
    """One header of a megabyte or two."""
    yield b"GET /v1/labels HTTP/1.1\r\nX-A: " + b"a" * rng.randrange(1_000_000, 2_000_000) + b"\r\n\r\n"


def many_headers(rng: random.Random) -> Pieces:
    """Ten thousand headers, each of them short."""
    lines = b"".join(b"X-%d: %d\r\n" % (number, rng.randrange(10)) for number in range(10_000))
    yield _PHOTO + lines + b"Content-Length: 0\r\n\r\n"


def two_lengths(rng: random.Random) -> Pieces:
    """A body of two lengths, with another request behind the shorter one."""
    yield _PHOTO + b"Content-Length: 5\r\nContent-Length: %d\r\n\r\nhello" % rng.randrange(6, 90) + _SMUGGLED


def length_and_chunks(rng: random.Random) -> Pieces:
    """A length and chunks as well: a proxy and the host might not agree where the next request begins."""
    yield (
        _PHOTO + b"Content-Length: %d\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" % rng.randrange(5, 90) + _SMUGGLED
    )


def odd_chunks(rng: random.Random) -> Pieces:
    """Chunks whose lengths are none."""
    length = rng.choice([b"0x5", b"-5", b"5 5", b"FFFFFFFFFFFFFFFFFF", b""])
    yield _PHOTO + b"Transfer-Encoding: chunked\r\n\r\n" + length + b"\r\nhello\r\n0\r\n\r\n"


def odd_coding(rng: random.Random) -> Pieces:
    """A transfer coding that is written so that one reads chunks and another does not."""
    coding = rng.choice([b"xchunked", b"chunked, identity", b"\x0bchunked", b"chunked\r\nTransfer-Encoding: identity"])
    yield _PHOTO + b"Content-Length: 5\r\nTransfer-Encoding: " + coding + b"\r\n\r\n0\r\n\r\n" + _SMUGGLED


def compressed(rng: random.Random) -> Pieces:
    """Four hundred megabytes in four hundred kilobytes."""
    coding = rng.choice([b"gzip", b"deflate", b"br", b"zstd"])
    return _with_length(_PHOTO + b"Content-Encoding: " + coding + b"\r\n", _BOMB)


def many_parts(rng: random.Random) -> Pieces:
    """A form of thousands of parts."""
    part = b'--b\r\nContent-Disposition: form-data; name="%d"\r\n\r\nx\r\n'
    return _with_length(_FORM, b"".join(part % rng.randrange(9) for _ in range(5_000)) + b"--b--\r\n")


def parts_in_parts(rng: random.Random) -> Pieces:
    """A form in a form in a form."""
    depth = rng.randrange(100, 1_000)
    return _with_length(_FORM, b"--b\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" * depth)


def part_that_unpacks(rng: random.Random) -> Pieces:
    """The photo's part says that it is compressed."""
    coding = rng.choice([b"Content-Encoding: gzip", b"Content-Transfer-Encoding: base64"])
    head = b'--b\r\nContent-Disposition: form-data; name="image"\r\n' + coding + b"\r\n\r\n"
    return _with_length(_FORM, head + _BOMB + b"\r\n--b--\r\n")


def part_of_headers(rng: random.Random) -> Pieces:
    """A part whose headers never end."""
    return _with_length(_FORM, b"--b\r\n" + b"X-A: b\r\n" * rng.randrange(10_000, 50_000))


_SMUGGLED = b"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
_BOMB = 4 * gzip.compress(bytes(100_000_000))
"""Members of one file: it unpacks to more than any growth that a test would let pass."""

CALLERS: tuple[Callable[[random.Random], Pieces], ...] = (
    slow_head,
    slow_body,
    cut_body,
    huge_head,
    many_headers,
    two_lengths,
    length_and_chunks,
    odd_chunks,
    odd_coding,
    compressed,
    many_parts,
    parts_in_parts,
    part_that_unpacks,
    part_of_headers,
)


async def call(caller: Callable[[random.Random], Pieces], port: int, seed: int) -> tuple[int, ...]:
    """The statuses of all answers on the connection; none where it was cut off, or left."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    came = b""
    try:
        async for piece in _slowly(caller(random.Random(seed))):
            writer.write(piece)
            await writer.drain()
        if caller not in {slow_head, slow_body, cut_body}:
            while more := await reader.read(MOST_BYTES):
                came += more
    except ConnectionError:
        pass
    finally:
        writer.transport.abort()
    return tuple(int(each[:3]) for each in came.replace(b"HTTP/1.0 ", b"HTTP/1.1 ").split(b"HTTP/1.1 ")[1:])


async def _slowly(pieces: Pieces) -> AsyncIterator[bytes]:
    for number, piece in enumerate(pieces):
        if number:
            await asyncio.sleep(PAUSE_S)
        yield piece
