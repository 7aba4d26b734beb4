# SPDX-License-Identifier: Apache-2.0
from itertools import groupby

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from giamsat_agent.packets.columns.trains import Trains

ROW = st.tuples(st.integers(1, 2), st.integers(1, 2), st.integers(1, 2), st.integers(1, 2), st.sampled_from((6, 17)))


@given(st.lists(ROW))
def test_a_train_is_frames_of_one_talk_in_a_row_each_turned_or_not(rows):
    columns = [np.array([row[place] for row in rows], np.int64) for place in range(5)]
    trains = Trains(columns[0].view(np.uint64), columns[1].view(np.uint64), *columns[2:])

    def talk(row):
        near, far, own, other, protocol = row
        return (protocol, *sorted(((near, own), (far, other))))

    its = [[place for place, _ in some] for _, some in groupby(enumerate(rows), lambda one: talk(one[1]))]
    first = [rows[some[0]] for some in its for _ in some]
    turned = [row != its_first for row, its_first in zip(rows, first, strict=True)]
    answers = [next((place for place in some if turned[place]), None) for some in its]
    assert trains.begins.tolist() == [some[0] for some in its]
    assert trains.ends.tolist() == [some[-1] for some in its]
    assert trains.lengths.tolist() == [len(some) for some in its]
    assert trains.of.tolist() == [number for number, some in enumerate(its) for _ in some]
    assert trains.turned.tolist() == turned
    assert trains.answers.tolist() == [place for place in answers if place is not None]
