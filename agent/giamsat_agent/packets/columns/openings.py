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
_FIRST: Final = np.isin(np.arange(256), REQUESTS & 0xFF)
"""With which bytes requests begin."""


def asks_web(opening: Words) -> npt.NDArray[np.bool_]:
    """Which of these openings are those of a request of HTTP (RFC 9110, RFC 5789)."""
    found: npt.NDArray[np.bool_] = _FIRST[opening & 0xFF]
    some = true_at(found)
    found[some] = (opening[some, None] == REQUESTS).any(axis=1)
    return found
