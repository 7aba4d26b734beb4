# SPDX-License-Identifier: Apache-2.0
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from giamsat_agent.machine.dbus_values import Reader, Writer

KINDS = {
    "byte": st.integers(0, 255),
    "u32": st.integers(0, 2**32 - 1),
    "text": st.text(max_size=40),
    "signature": st.text("aubs()v", max_size=40),
}
VALUES = st.sampled_from(sorted(KINDS)).flatmap(lambda kind: st.tuples(st.just(kind), KINDS[kind]))


@given(st.lists(VALUES))
def test_what_was_written_is_read(values):
    writer = Writer()
    for kind, value in values:
        getattr(writer, kind)(value)
    reader = Reader(bytes(writer.content))

    assert [(kind, getattr(reader, kind)()) for kind, _ in values] == values
    assert reader.at == len(writer.content)


@given(st.binary(max_size=60), st.lists(st.sampled_from(sorted(KINDS)), min_size=1, max_size=6))
def test_any_bytes_are_read_or_refused(content, kinds):
    reader = Reader(content)
    with suppress(ValueError):
        for kind in kinds:
            before = reader.at
            getattr(reader, kind)()

            assert before < reader.at <= len(content)


def test_a_text_longer_than_its_message_is_refused():
    with pytest.raises(ValueError, match="4294967296 bytes expected at 4 of 6"):
        Reader(b"\xff\xff\xff\xffab").text()
