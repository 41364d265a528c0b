"""HEIF and AVIF: the boxes (ISO/IEC 14496-12, 23008-12, and the AVIF specification)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from inference.containers import Still
from inference.containers.av1 import claimed_pixels
from inference.errors import DecodeError, DecodeProblem

# Made from other items by the decoder.
_DERIVED = frozenset((b"grid", b"iden", b"iovl", b"tmap"))
# libheif hands every picture of the file a copy of what the metadata box says of it, so the cost of a hostile
# file is this product. A 48-megapixel phone photo in 200 tiles has some 4 MB.
MAX_ITEMS_TIMES_BYTES = 16_000_000
MAX_META_BYTES = 2_000_000
MAX_BOXES = 20_000


class _Box(NamedTuple):
    kind: bytes
    start: int
    body: int
    end: int


@dataclass(frozen=True, slots=True)
class _Meta:
    items: dict[int, bytes]  # id -> type
    sizes: tuple[tuple[int, int], ...]
    references: tuple[tuple[_Box, int, tuple[int, ...]], ...]  # box, from, to
    entity_groups: tuple[_Box, ...]
    locations: _Box | None
    inline_data: _Box | None


def read(data: bytes) -> Still:
    """Read the declared sizes, and blank out everything that is not the primary still image.

    Metadata items are unlinked and image sequences hidden by renaming their boxes, which moves no offset.
    The size is the largest that the file declares (of the whole, a tile, a thumbnail or a depth map).
    The decoders apply rotation and mirroring themselves.

    Raises:
        DecodeError: truncated, corrupt, or built in a way that no camera does.

    """
    top = list(_boxes(data, 0, len(data)))
    metas = [box for box in top if box.kind == b"meta"]
    films = [box for box in top if box.kind == b"moov"]
    if not metas and films:
        raise DecodeError(DecodeProblem.UNSUPPORTED_FORMAT, "an image sequence without a still", found="heif-sequence")
    if len(metas) != 1:
        raise DecodeError(DecodeProblem.CORRUPT, f"{len(metas)} meta boxes")
    meta = _read_meta(data, metas[0])
    _refuse_bombs(meta, metas[0])
    body = bytearray(data)
    for box in (*films, *meta.entity_groups):
        body[box.start + 4 : box.start + 8] = b"free"
    for box, _, _ in meta.references:
        if box.kind == b"cdsc":
            body[box.start + 4 : box.start + 8] = b"skip"
    if films:  # the brand of sequences obliges a reader to find one
        body[: top[0].end] = body[: top[0].end].replace(b"avis", b"avif")
    width, height = max(meta.sizes, key=lambda size: size[0] * size[1], default=(0, 0))
    return Still(width, height, bool(films), orientation=1, body=bytes(body), coded_pixels=_coded_pixels(data, meta))


def _boxes(data: bytes, at: int, end: int) -> Iterator[_Box]:
    for _ in range(MAX_BOXES):
        if at >= end:
            return
        if at + 8 > end:
            raise DecodeError(DecodeProblem.TRUNCATED, "ends inside a box header")
        size, header = int.from_bytes(data[at : at + 4], "big"), 8
        if size == 1:
            size, header = int.from_bytes(data[at + 8 : at + 16], "big"), 16
        elif size == 0:
            size = end - at
        if size < header:
            raise DecodeError(DecodeProblem.CORRUPT, "box smaller than its header")
        if at + size > end:
            outermost = end == len(data)
            raise DecodeError(DecodeProblem.TRUNCATED if outermost else DecodeProblem.CORRUPT, "box passes the end")
        yield _Box(data[at + 4 : at + 8], at, at + header, at + size)
        at += size
    raise DecodeError(DecodeProblem.CORRUPT, f"more than {MAX_BOXES} boxes")


def _read_meta(data: bytes, meta: _Box) -> _Meta:
    children = list(_boxes(data, meta.body + 4, meta.end))
    by_kind = {box.kind: box for box in children}
    described = sum(box.end - box.start for box in children if box.kind != b"idat")
    if described > MAX_META_BYTES:
        raise DecodeError(DecodeProblem.CORRUPT, f"more than {MAX_META_BYTES} bytes of metadata")
    return _Meta(
        items=dict(_items(data, by_kind.get(b"iinf"))),
        sizes=tuple(_sizes(data, by_kind.get(b"iprp"))),
        references=tuple(_references(data, by_kind.get(b"iref"))),
        entity_groups=tuple(box for box in children if box.kind == b"grpl"),
        locations=by_kind.get(b"iloc"),
        inline_data=by_kind.get(b"idat"),
    )


def _number(data: bytes, at: int, size: int) -> int:
    return int.from_bytes(data[at : at + size], "big")


def _items(data: bytes, box: _Box | None) -> Iterator[tuple[int, bytes]]:
    if box is None:
        return
    count_size = 2 if _number(data, box.body, 1) == 0 else 4
    for entry in _boxes(data, box.body + 4 + count_size, box.end):
        version = _number(data, entry.body, 1)
        if entry.kind == b"infe" and version >= 2:
            id_size = 2 if version == 2 else 4
            at = entry.body + 4
            yield _number(data, at, id_size), data[at + id_size + 2 : at + id_size + 6]


def _sizes(data: bytes, box: _Box | None) -> Iterator[tuple[int, int]]:
    if box is None:
        return
    for container in _boxes(data, box.body, box.end):
        if container.kind == b"ipco":
            for entry in _boxes(data, container.body, container.end):
                if entry.kind == b"ispe":
                    yield _number(data, entry.body + 4, 4), _number(data, entry.body + 8, 4)


def _references(data: bytes, box: _Box | None) -> Iterator[tuple[_Box, int, tuple[int, ...]]]:
    if box is None:
        return
    id_size = 2 if _number(data, box.body, 1) == 0 else 4
    for entry in _boxes(data, box.body + 4, box.end):
        first = entry.body + id_size + 2
        last = min(entry.end, first + id_size * _number(data, entry.body + id_size, 2))
        targets = tuple(_number(data, at, id_size) for at in range(first, last, id_size))
        yield entry, _number(data, entry.body, id_size), targets


def _refuse_bombs(meta: _Meta, box: _Box) -> None:
    if len(meta.items) * (box.end - box.start) > MAX_ITEMS_TIMES_BYTES:
        raise DecodeError(DecodeProblem.CORRUPT, "too much metadata for too many items")
    if b"iovl" in meta.items.values():  # may paint the same large picture a thousand times
        raise DecodeError(DecodeProblem.UNSUPPORTED_FORMAT, "an overlay of pictures", found="heif-overlay")
    for reference, source, targets in meta.references:
        if reference.kind == b"dimg" and meta.items.get(source) == b"grid":
            nested = any(meta.items.get(target) in _DERIVED for target in targets)
            if nested:  # a grid of grids multiplies the work at each level
                raise DecodeError(DecodeProblem.CORRUPT, "a grid made of derived pictures")


def _coded_pixels(data: bytes, meta: _Meta) -> int:
    wanted = {item for item, kind in meta.items.items() if kind == b"av01"}
    located = dict(_locations(data, meta.locations, wanted))
    total = read = 0
    for item in wanted:
        if item not in located:
            raise DecodeError(DecodeProblem.CORRUPT, "item without a location")
        stream = _join(data, meta, *located[item])
        read += len(stream)
        if read > len(data):  # a thousand items over the same bytes
            raise DecodeError(DecodeProblem.CORRUPT, "items larger than the file")
        claimed = claimed_pixels(stream)
        if not claimed:
            raise DecodeError(DecodeProblem.CORRUPT, "AV1 item without a sequence header")
        total += claimed
    return total


def _locations(
    data: bytes, box: _Box | None, wanted: set[int]
) -> Iterator[tuple[int, tuple[int, list[tuple[int, int]]]]]:
    """Item id, construction method and extents (offset, length) of the wanted items.

    Source: ISO/IEC 14496-12, 8.11.3.
    """
    if box is None:
        return
    version = _number(data, box.body, 1)
    sizes = _number(data, box.body + 4, 2)
    offset_size, length_size, base_size = sizes >> 12, sizes >> 8 & 15, sizes >> 4 & 15
    index_size = sizes & 15 if version else 0
    extent_size = index_size + offset_size + length_size
    id_size = 4 if version == 2 else 2
    at = box.body + 6 + id_size
    for _ in range(_number(data, box.body + 6, id_size)):
        if at >= box.end:
            return
        item = _number(data, at, id_size)
        at += id_size
        method = _number(data, at, 2) & 15 if version else 0
        at += 4 if version else 2
        base = _number(data, at, base_size)
        count = _number(data, at + base_size, 2)
        at += base_size + 2
        if item in wanted and extent_size:
            starts = range(at + index_size, min(box.end, at + count * extent_size), extent_size)
            offsets = [base + _number(data, start, offset_size) for start in starts]
            lengths = [_number(data, start + offset_size, length_size) for start in starts]
            yield item, (method, list(zip(offsets, lengths, strict=True)))
        at += count * extent_size


def _join(data: bytes, meta: _Meta, method: int, spans: list[tuple[int, int]]) -> bytes:
    if method == 0:
        start, end = 0, len(data)
    elif method == 1 and meta.inline_data is not None:
        start, end = meta.inline_data.body, meta.inline_data.end
    else:
        raise DecodeError(DecodeProblem.CORRUPT, "item stored in another item")
    # A length of 0 means: to the end.
    spans = [(start + offset, length or end - start - offset) for offset, length in spans]
    if any(offset + length > end for offset, length in spans):
        raise DecodeError(DecodeProblem.TRUNCATED, "item passes the end of the file")
    if sum(length for _, length in spans) > len(data):
        raise DecodeError(DecodeProblem.CORRUPT, "item larger than the file")
    return b"".join(data[offset : offset + length] for offset, length in spans)
