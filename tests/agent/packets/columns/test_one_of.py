# SPDX-License-Identifier: Apache-2.0
import numpy as np

from giamsat_agent.packets.columns.batch import NOT_IP
from giamsat_agent.packets.columns.one_of import OneOf


def test_one_of_a_few_numbers_is_found_as_isin_finds_it_also_at_both_ends():
    column = np.array([NOT_IP, 0, 1, 53, 65_535, 53, 65_534])

    for wanted in ((NOT_IP,), (0, 65_535), (53,), ()):
        assert OneOf(wanted).at(column).tolist() == np.isin(column, wanted).tolist()


def test_so_it_is_in_a_narrow_column():
    assert OneOf((53, 65_535)).at(np.array([65_535, 0, 53], np.uint16)).tolist() == [True, False, True]
    assert OneOf((NOT_IP,)).at(np.array([NOT_IP, 6], np.int16)).tolist() == [True, False]
