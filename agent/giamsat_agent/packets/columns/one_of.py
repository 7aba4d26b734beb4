# SPDX-License-Identifier: Apache-2.0
"""Which rows of a column have one of a few numbers."""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from giamsat_agent.packets.chunk import Numbers


class OneOf:
    """Which frames have one of a few numbers in a column of ports, protocols, flags or types.

    A table of all numbers answers in one step; np.isin would make such a table anew each time.
    """

    def __init__(self, numbers: Iterable[int]) -> None:
        """`numbers` are NOT_IP, or at least 0 and below 2^16."""
        self._wanted = np.zeros((1 << 16) + 1, bool)
        self._wanted[list(numbers)] = True

    def at(self, column: Numbers) -> npt.NDArray[np.bool_]:
        """Where the column has one of them."""
        return self._wanted[column]
