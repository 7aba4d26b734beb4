# SPDX-License-Identifier: Apache-2.0
from hypothesis import given
from hypothesis import strategies as st

from giamsat_collector.indicators.files import shortened
from giamsat_collector.indicators.indicator import Indicator, Kind
from giamsat_collector.indicators.packing import packed, unpacked

TEXTS = st.text(max_size=40).map(shortened)
ENTRIES = st.builds(
    Indicator,
    st.sampled_from(Kind),
    st.text(min_size=1, max_size=40).map(shortened).filter(bool),
    st.integers(0, 1 << 40),
    st.integers(0, 1 << 40),
    st.integers(0, 100),
    TEXTS,
    TEXTS,
)


@given(st.lists(ENTRIES, max_size=20))
def test_entries_come_back_as_they_were_kept(entries):
    assert list(unpacked(packed(entries))) == entries


def test_a_list_that_is_not_there_has_none():
    assert list(unpacked(b"")) == []
