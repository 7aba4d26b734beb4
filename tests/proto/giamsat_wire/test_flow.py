# SPDX-License-Identifier: Apache-2.0
import pytest
from hypothesis import given
from hypothesis import strategies as st

from giamsat_wire.errors import MalformedError
from giamsat_wire.flow import LATEST_MS, LINE, FlowRow, read

ROW = FlowRow(6, "10.0.0.5", 50_000, "203.0.113.7", 443, 12, 3_400, 10, 90_000, 27, 120, 59_000)
numbers = st.integers(0, (1 << 63) - 1)
spans = st.integers(0, LATEST_MS)
ports = st.integers(0, 65_535)
addresses = st.ip_addresses().map(str)
names = st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters=","), max_size=64)

ROWS = st.builds(
    FlowRow,
    st.integers(0, 255),
    addresses,
    ports,
    addresses,
    ports,
    *[numbers] * 4,
    st.just(63),
    spans,
    spans,
    names,
    names,
)


@given(ROWS)
def test_what_is_written_is_read(row):
    if len(row.line()) <= LINE:
        assert read(row.line()) == row


def test_a_flow_takes_less_than_a_hundred_bytes():
    assert len(ROW.line()) < 100


@pytest.mark.parametrize(
    "line",
    [
        "",
        "a" * (LINE + 1),
        ROW.line().replace("10.0.0.5", "nobody"),
        ROW.line().replace("10.0.0.5", "fe80::1%\x1b[2J"),
        ROW.line().replace("10.0.0.5", "fe80::1%eth0"),
        ROW.line().replace("10.0.0.5", "0" * 46),
        ROW.line().replace("3400", "-1"),
        ROW.line().replace("59000", str(LATEST_MS + 1)),
        ROW.line().replace("50000", "70000"),
        ROW.line().replace("3400", str(1 << 64)),
        ROW.line() + ",a\nb",
        ROW.line() + ",a,b,c",
        ROW.line() + "," + "a" * 65,
    ],
)
def test_what_is_no_flow_is_refused(line):
    with pytest.raises(MalformedError):
        read(line)


@given(st.text(max_size=300))
def test_whatever_comes_is_a_flow_or_refused(line):
    try:
        row = read(line)
    except MalformedError:
        return
    assert read(row.line()) == row
