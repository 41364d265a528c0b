"""How large a picture an AV1 stream claims, read from its sequence headers.

AVIF decoders believe the stream, not the size written in the container, and scale afterwards: a file that
says 64 x 64 outside and 16384 x 16384 inside costs a gigabyte. So the stream is asked before decoding.
"""

from inference.errors import DecodeError, DecodeProblem

_SEQUENCE_HEADER = 1
# A still picture is some three units, and a few more for each layer.
MAX_UNITS = 1000


class _Bits:
    """Reads big-endian bit fields."""

    def __init__(self, data: bytes) -> None:
        self._value = int.from_bytes(data, "big")
        self._left = 8 * len(data)

    def take(self, count: int) -> int:
        """The next ``count`` bits as an unsigned number."""
        self._left -= count
        if self._left < 0:
            raise DecodeError(DecodeProblem.CORRUPT, "AV1 sequence header too short")
        return self._value >> self._left & (1 << count) - 1

    def skip_uvlc(self) -> None:
        """Skip one variable-length number (AV1 specification 4.10.3)."""
        zeros = 0
        while not self.take(1):
            zeros += 1
        if zeros < 32:
            self.take(zeros)


def claimed_pixels(stream: bytes) -> int:
    """The most pixels a frame of this stream may have, over all its sequence headers.

    Raises:
        DecodeError: the stream cannot be read.

    """
    most = 0
    at = 0
    for _ in range(MAX_UNITS):
        if at >= len(stream):
            return most
        header = stream[at]
        kind, extended, sized = header >> 3 & 15, header >> 2 & 1, header >> 1 & 1
        at += 1 + extended
        if sized:
            size, at = _leb128(stream, at)
        else:
            size = len(stream) - at
        if at + size > len(stream):
            raise DecodeError(DecodeProblem.TRUNCATED, "AV1 stream ends inside a unit")
        if kind == _SEQUENCE_HEADER:
            most = max(most, _frame_pixels(stream[at : at + min(size, 1024)]))
        at += size
    raise DecodeError(DecodeProblem.CORRUPT, f"AV1 stream of more than {MAX_UNITS} units")


def _leb128(stream: bytes, at: int) -> tuple[int, int]:
    value = 0
    for i, byte in enumerate(stream[at : at + 8]):
        value |= (byte & 127) << 7 * i
        if byte < 128:
            return value, at + i + 1
    raise DecodeError(DecodeProblem.CORRUPT, "AV1 unit without a size")


def _frame_pixels(header: bytes) -> int:
    """Parse a sequence header as far as the frame size (AV1 specification 5.5.1)."""
    bits = _Bits(header)
    bits.take(4)  # seq_profile, still_picture
    reduced = bits.take(1)
    if reduced:
        bits.take(5)  # seq_level_idx
    else:
        _skip_operating_points(bits)
    width_bits, height_bits = 1 + bits.take(4), 1 + bits.take(4)
    pixels = (1 + bits.take(width_bits)) * (1 + bits.take(height_bits))
    if reduced:
        return pixels
    # A frame may state its own size within these bits. Honest encoders use no more bits than they need,
    # so the bound is never more than four times the true size.
    return max(pixels, (1 << width_bits + height_bits) // 4)


def _skip_operating_points(bits: _Bits) -> None:
    delay_bits = 0
    if bits.take(1):  # timing_info_present_flag
        bits.take(64)  # num_units_in_display_tick, time_scale
        if bits.take(1):  # equal_picture_interval
            bits.skip_uvlc()
        if bits.take(1):  # decoder_model_info_present_flag
            delay_bits = 1 + bits.take(5)
            bits.take(32 + 5 + 5)
    initial_delay = bits.take(1)
    for _ in range(1 + bits.take(5)):
        bits.take(12)  # operating_point_idc
        if bits.take(5) > 7:  # seq_level_idx
            bits.take(1)  # seq_tier
        if delay_bits and bits.take(1):
            bits.take(2 * delay_bits + 1)
        if initial_delay and bits.take(1):
            bits.take(4)
