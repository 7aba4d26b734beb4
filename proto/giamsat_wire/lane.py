# SPDX-License-Identifier: Apache-2.0
"""The four priority classes a frame can travel in."""

from enum import IntEnum


class Lane(IntEnum):
    """A class of frames with its own spool, numbering and eviction; lower goes first."""

    URGENT = 1
    EVENT = 2
    METRIC = 3
    BULK = 4
