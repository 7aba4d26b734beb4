# SPDX-License-Identifier: Apache-2.0
"""A share of something that is earned with time and may be saved up to a bound (a token bucket)."""

from dataclasses import dataclass

from giamsat_wire.clock import SECOND_NS


@dataclass(slots=True)
class Share:
    """`most` may be taken at once, and `per_second` is earned; times are nanoseconds of one clock."""

    most: float
    per_second: float
    _left: float = -1.0
    _at_ns: int = 0

    def takes(self, size: float, now_ns: int, *, leaving: float = 0.0) -> bool:
        """Whether there is that much, and so much is left of it; if so it is taken."""
        if self._left < 0:
            self._left, self._at_ns = self.most, now_ns
        # A clock that was set back earns nothing, and does not stop what is earned from then on.
        self._left = min(self.most, self._left + max(now_ns - self._at_ns, 0) / SECOND_NS * self.per_second)
        self._at_ns = now_ns
        if self._left < size + leaving:
            return False
        self._left -= size
        return True
