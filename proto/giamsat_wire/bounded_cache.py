# SPDX-License-Identifier: Apache-2.0
"""What is remembered so that it need not be made again, bounded by what it weighs: entries may be of any size."""

import threading
from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class BoundedCache(Generic[Key, Value]):
    """Values by key, which together weigh at most `most`: those longest unused go first. Threads may share it."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.weight = 0
        self._kept: OrderedDict[Key, tuple[Value, int]] = OrderedDict()
        self._one_at_a_time = threading.Lock()

    def get(self, key: Key) -> Value | None:
        """The value of a key; None when it is not remembered."""
        with self._one_at_a_time:
            kept = self._kept.get(key)
            if kept is None:
                return None
            self._kept.move_to_end(key)
            return kept[0]

    def keep(self, key: Key, value: Value, weight: int) -> Value:
        """The value, remembered unless it alone weighs more than everything may; or the one another thread kept."""
        with self._one_at_a_time:
            known = self._kept.get(key)
            if known is not None:
                return known[0]
            self._kept[key] = value, weight
            self.weight += weight
            while self.weight > self.most:
                self.weight -= self._kept.popitem(last=False)[1][1]
            return value
