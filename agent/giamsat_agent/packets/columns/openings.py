# SPDX-License-Identifier: Apache-2.0
"""How what is carried begins: its first four bytes, as one little-endian number."""

from typing import Final

import numpy as np
import numpy.typing as npt

from giamsat_agent.packets.chunk import true_at

Words = npt.NDArray[np.uint32]
REQUESTS: Final = np.frombuffer(b"GET POSTHEADPUT DELEPATCOPTI", "<u4")
HTTP: Final = int.from_bytes(b"HTTP", "little")
"""How answers begin; requests begin with their method."""


class Openings:
    """Which openings are among a few: looked for by their first byte, which most have in common with none of them."""

    def __init__(self, words: Words) -> None:
        self._words = words
        self._first = np.zeros(1 << 8, bool)
        self._first[words & 0xFF] = True

    def at(self, opening: Words) -> npt.NDArray[np.bool_]:
        """Where the column has one of them."""
        found: npt.NDArray[np.bool_] = self._first[opening & 0xFF]
        some = true_at(found)
        if len(some):
            found[some] = (opening[some, None] == self._words).any(axis=1)
        return found


_REQUESTS: Final = Openings(REQUESTS)


def asks_web(opening: Words) -> npt.NDArray[np.bool_]:
    """Which of these openings are those of a request of HTTP (RFC 9110, RFC 5789)."""
    return _REQUESTS.at(opening)
