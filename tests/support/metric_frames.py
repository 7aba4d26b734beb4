# SPDX-License-Identifier: Apache-2.0
"""Metric frames of made-up readings, each of which says by its time which one it is."""

from collections.abc import Sequence
from random import Random
from typing import Final

from giamsat_agent.spool.spool import Spool
from giamsat_wire.chain import ChainDecoder, ChainEncoder
from giamsat_wire.codec import Encoded, Readings, decode, encode_readings, reading_times
from giamsat_wire.errors import ChainError
from giamsat_wire.lane import Lane
from giamsat_wire.record import Sample, SampleSet

RAW: Final = 1
"""Flags of a frame whose payload means nothing to the spool."""
SIZES: Final = (0, 2, 12)
"""Long labels in a reading; they compress badly."""


class Maker:
    """The agent's end of a chain."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self.chain = ChainEncoder()

    def frame(self, number: int, *, begin: bool) -> Encoded:
        """The frame of one reading."""
        labels = tuple((f"l{at}", self._rng.randbytes(250).hex()) for at in range(self._rng.choice(SIZES)))
        reading = SampleSet(number, number, (Sample("node_load1", float(number)), Sample("x", 1.0, labels)))
        return encode_readings(self.chain, [reading], begin=begin)

    def any(self, lane: Lane, number: int, spool: Spool, sizes: Sequence[int]) -> tuple[int, bytes, bytes]:
        """A frame of whatever lane: flags, payload, and what it is known by."""
        if lane is Lane.METRIC:
            frame = self.frame(number, begin=spool.begins_segment(lane))
            return frame.flags, frame.payload, b"%d" % number
        payload = f"{lane.name} {number} ".encode().ljust(self._rng.choice(sizes), b".")
        return RAW, payload, payload


class Reader:
    """The collector's end."""

    def __init__(self) -> None:
        self._chain = ChainDecoder(("node_load1",))

    def believes(self, flags: int, payload: bytes) -> bool:
        """Whether a frame is read as what it was, or not at all."""
        try:
            found = decode(flags, payload, self._chain)
        except ChainError:
            return True
        sets = found.sets if isinstance(found, Readings) else ()
        return all(sample.value == one.wall_ns for one in sets for sample in one.samples)


def identity(flags: int, payload: bytes) -> bytes:
    """Which reading a frame holds, whatever chain it is in; nothing when it was thinned out."""
    return b" ".join(b"%d" % number for number in reading_times(flags, payload))
