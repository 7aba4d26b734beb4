# SPDX-License-Identifier: Apache-2.0
from hypothesis import given
from hypothesis import strategies as st

from giamsat_agent.devices import ber, encode


@given(st.integers(0, 1 << 63), st.binary(max_size=3_000), st.lists(st.integers(0, (1 << 32) - 1), max_size=20))
def test_what_is_written_is_read_again(amount, words, arcs):
    dotted = "." + ".".join(map(str, (1, 3, *arcs)))

    number, octets, identifier = ber.elements(
        ber.element(encode.sequence(encode.number(amount), encode.octets(words), encode.identifier(dotted))).content
    )

    assert (ber.number(number), octets.content, ber.identifier(identifier)) == (amount, words, dotted)
