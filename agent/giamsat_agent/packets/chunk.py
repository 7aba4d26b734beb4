# SPDX-License-Identifier: Apache-2.0
"""The contract of a source of frames: chunks of one buffer with the place, length and time of each frame in it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.integer[Any]]
"""Integers: each column is as narrow as what stands in it, for it is gone through the sooner."""
Bytes = npt.NDArray[np.uint8]

PADDING: Final = 256
"""Zero bytes after the last frame of a chunk: headers are read in rows of fixed length."""
FRAME_BYTES: Final = 262_144
"""The longest frame a capture may hold; what claims to be longer is damage."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Frames of one link type, in the order of the capture. `first` is the number of the first one, from 1.

    `data` may be used until the next chunk is asked for. `vlans` are the tags that were taken off the frames before
    they came here, 0 for none; `originals` the lengths they had on the wire, where that is known.
    """

    data: Bytes
    offsets: Numbers
    lengths: Numbers
    times_ns: Numbers
    link_type: int
    first: int
    vlans: Numbers | None = None
    originals: Numbers | None = None


def true_at(chosen: npt.NDArray[Any]) -> Numbers:
    """The places that are true, or not 0: np.flatnonzero says the same, and takes ten times as long of a few frames."""
    return chosen.nonzero()[0]


def longs_at(data: Bytes, starts: Numbers) -> Numbers:
    """The numbers of four bytes, in the order of the wire, that begin at these places."""
    view = np.ndarray((max(len(data) - 3, 0),), dtype="V4", buffer=data, strides=(1,))
    return np.ascontiguousarray(view[starts]).view(">u4").astype(np.int64)


@dataclass(frozen=True, slots=True)
class Damage:
    """Where a capture ceased to be readable, and why."""

    offset: int
    reason: str


class Source(Protocol):
    """Something that yields frames."""

    damage: Damage | None

    def chunks(self) -> Iterator[Chunk]:
        """Every frame; when the source is broken, what came before, and `damage` says the rest."""
        ...
