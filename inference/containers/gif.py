"""GIF: the blocks (CompuServe GIF89a specification)."""

from inference.containers import Still
from inference.errors import DecodeError, DecodeProblem

_EXTENSION, _IMAGE, _TRAILER = 0x21, 0x2C, 0x3B
# 20 MB in full sub-blocks are 80,000 of them.
MAX_BLOCKS = 500_000


class _Blocks:
    """Walks a GIF's blocks, and remembers how many it has seen."""

    def __init__(self, data: bytes, at: int) -> None:
        self._data = data
        self._seen = 0
        self.at = at

    def kind(self) -> int:
        """The next block's introducer; the trailer where the file ends without one."""
        return self._data[self.at] if self.at < len(self._data) else _TRAILER

    def skip_sub_blocks(self, at: int) -> bool:
        """Move behind the sub-blocks that begin at ``at``; False when the file ends before they do."""
        data = self._data
        while at < len(data):
            self._seen += 1
            if self._seen > MAX_BLOCKS:
                raise DecodeError(DecodeProblem.CORRUPT, f"GIF with more than {MAX_BLOCKS} blocks")
            size = data[at]
            at += 1 + size
            if size == 0:
                self.at = at
                return True
        return False


def read(data: bytes) -> Still:
    """Read the size of the first frame's canvas, and cut the file behind that frame.

    Raises:
        DecodeError: truncated or corrupt.

    """
    if len(data) < 13:
        raise DecodeError(DecodeProblem.TRUNCATED, "GIF ends in its header")
    blocks = _Blocks(data, 13 + _colour_table_size(data[10]))
    while (kind := blocks.kind()) == _EXTENSION:
        if not blocks.skip_sub_blocks(blocks.at + 2):
            raise DecodeError(DecodeProblem.TRUNCATED, "GIF ends in an extension")
    if kind != _IMAGE:
        problem = DecodeProblem.CORRUPT if blocks.at < len(data) else DecodeProblem.TRUNCATED
        raise DecodeError(problem, "GIF without a frame")
    frame = data[blocks.at : blocks.at + 10]
    if len(frame) < 10 or not blocks.skip_sub_blocks(blocks.at + 11 + _colour_table_size(frame[9])):
        raise DecodeError(DecodeProblem.TRUNCATED, "GIF ends in its first frame")
    body = data[: blocks.at] + bytes((_TRAILER,))
    # A frame may stand out of the declared screen; the decoder then enlarges the screen.
    left, top, frame_width, frame_height = (int.from_bytes(frame[i : i + 2], "little") for i in (1, 3, 5, 7))
    width = max(int.from_bytes(data[6:8], "little"), left + frame_width)
    height = max(int.from_bytes(data[8:10], "little"), top + frame_height)
    if not frame_width or not frame_height:
        raise DecodeError(DecodeProblem.ZERO_SIZE, "GIF with an empty first frame")
    return Still(width, height, several_frames=_has_another(blocks), orientation=1, body=body)


def _colour_table_size(flags: int) -> int:
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _has_another(blocks: _Blocks) -> bool:
    while blocks.kind() == _EXTENSION:
        if not blocks.skip_sub_blocks(blocks.at + 2):
            return False
    return blocks.kind() == _IMAGE
