# SPDX-License-Identifier: Apache-2.0
"""Reads bytes from outside forward: every length is checked against what is there."""


class ShortError(Exception):
    """A length leads past the end; whoever reads takes what cannot be read for nothing."""


class Forward:
    """A place in bytes that only goes on."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.at = 0

    @property
    def left(self) -> int:
        """How many bytes are still to come."""
        return len(self._data) - self.at

    def take(self, count: int) -> bytes:
        """So many bytes.

        Raises:
            ShortError: there are fewer; so for all that follow.
        """
        if count > self.left:
            raise ShortError
        self.at += count
        return self._data[self.at - count : self.at]

    def number(self, size: int) -> int:
        """A number of so many bytes."""
        return int.from_bytes(self.take(size))

    def vector(self, size: int) -> bytes:
        """What follows its own length, a number of so many bytes."""
        return self.take(self.number(size))

    def pass_over(self, byte: bytes) -> None:
        """Go on to the next other byte."""
        self.at = len(self._data) - len(self._data[self.at :].lstrip(byte))
