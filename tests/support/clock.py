# SPDX-License-Identifier: Apache-2.0
"""A clock that moves only when a test moves it."""


class ManualClock:
    """Implements giamsat_wire.clock.Clock."""

    def __init__(self, wall_ns=1_700_000_000_000_000_000, mono_ns=1_000_000_000_000):
        self._wall_ns = wall_ns
        self._mono_ns = mono_ns

    def wall_ns(self):
        return self._wall_ns

    def mono_ns(self):
        return self._mono_ns

    def advance(self, ns):
        self._wall_ns += ns
        self._mono_ns += ns

    def jump(self, ns):
        """Somebody set the wall clock."""
        self._wall_ns += ns
