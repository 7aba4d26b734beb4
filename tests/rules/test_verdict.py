# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_rules.verdict import Occurrence, Subject


def test_an_occurrence_cannot_be_changed_once_it_was_judged():
    occurrence = Occurrence(Subject("host-1", None), 0, {})

    with pytest.raises(AttributeError):
        occurrence.late = True
