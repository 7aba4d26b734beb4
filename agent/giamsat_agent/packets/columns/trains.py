# SPDX-License-Identifier: Apache-2.0
"""Trains: frames of one talk that follow one another, be it in both directions.

Who sends, sends several frames in a row, and they are answered at once: what is to be known of a talk is found out once
for each of its trains, and not for each frame.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from giamsat_agent.packets.chunk import Numbers, true_at
from giamsat_agent.packets.columns.addresses import Identities


def lengths_of(begins: Numbers, count: int) -> Numbers:
    """How long each run of `count` rows is, by where they begin: np.diff with an end takes many times as long."""
    lengths = np.empty_like(begins)
    lengths[:-1] = begins[1:] - begins[:-1]
    lengths[-1:] = count - begins[-1:]
    return lengths


@dataclass(frozen=True)
class Trains:
    """The trains of some frames, given by columns of these: `begins` are the places of their first frames."""

    source: Identities
    destination: Identities
    source_port: Numbers
    destination_port: Numbers
    protocol: Numbers

    @cached_property
    def begins(self) -> Numbers:
        """The place of the first frame of each train."""
        near, far, own, other = self.source, self.destination, self.source_port, self.destination_port
        same = (near[1:] == near[:-1]) & (far[1:] == far[:-1]) & (own[1:] == own[:-1]) & (other[1:] == other[:-1])
        back = (near[1:] == far[:-1]) & (far[1:] == near[:-1]) & (own[1:] == other[:-1]) & (other[1:] == own[:-1])
        goes_on = (same | back) & (self.protocol[1:] == self.protocol[:-1])
        return true_at(np.concatenate((np.ones(min(len(near), 1), bool), ~goes_on)))

    @cached_property
    def lengths(self) -> Numbers:
        """How many frames each train has."""
        return lengths_of(self.begins, len(self.source))

    @cached_property
    def of(self) -> Numbers:
        """Which train each frame is part of."""
        return np.repeat(np.arange(len(self.begins)), self.lengths)

    @cached_property
    def ends(self) -> Numbers:
        """The place of the last frame of each train."""
        return self.begins + self.lengths - 1

    @cached_property
    def turned(self) -> npt.NDArray[np.bool_]:
        """Which frames go the other way than the first of their train."""
        turned: npt.NDArray[np.bool_] = self.source != self.source[self.begins][self.of]
        turned |= self.source_port != self.source_port[self.begins][self.of]
        return turned

    @cached_property
    def answers(self) -> Numbers:
        """The place of the first frame of each train that goes the other way, where there is one."""
        turned = true_at(self.turned)
        of = self.of[turned]
        first: Numbers = turned[np.concatenate((np.ones(min(len(of), 1), bool), of[1:] != of[:-1]))]
        return first
