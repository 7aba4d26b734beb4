# SPDX-License-Identifier: Apache-2.0
import numpy as np

from giamsat_agent.packets.batch import NOT_IP, OneOf


def test_one_of_a_few_numbers_is_found_as_isin_finds_it_also_at_both_ends():
    column = np.array([NOT_IP, 0, 1, 53, 65_535, 53, 65_534])

    for wanted in ((NOT_IP,), (0, 65_535), (53,), ()):
        assert OneOf(wanted).at(column).tolist() == np.isin(column, wanted).tolist()
