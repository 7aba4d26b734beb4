# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest

from giamsat_collector.readings.chain import EXACT, UNFIT, UNWANTED, Chain, exact
from giamsat_wire.chain import ChainEncoder
from giamsat_wire.codec import encode_readings
from giamsat_wire.record import Sample, SampleSet

WANTED = frozenset({"node_load1", "node_time_seconds"})


@pytest.fixture
def chain():
    encoder, made = ChainEncoder(), Chain(WANTED)
    for value in (1.5, 2.5):
        its = (Sample("node_load1", value), Sample("other", 7.0), Sample("node_time_seconds", 1e300))
        samples = its if value < 2 else (*its, Sample("late", 1.0))
        encoded = encode_readings(encoder, [SampleSet(0, 0, samples)], begin=False)
        made.decode(encoded.flags, encoded.payload)
    return made


def test_numbers_say_what_each_series_is_now_and_where_it_stands_among_the_wanted(chain):
    numbers = chain.numbers

    assert numbers.totals.tolist() == [25, 7, 0, 1]
    assert numbers.places.tolist() == [0, UNWANTED, UNFIT, UNWANTED]
    assert (numbers.wanted.tolist(), numbers.divisors.tolist()) == ([0, 2], [10.0, 1.0])
    assert chain.numbers is numbers


def test_samples_are_those_of_the_numbers_as_long_as_there_are_any(chain):
    chain.numbers.totals[0] = 30

    assert {one.name: one.value for one in chain.samples()}["node_load1"] == 3.0
    assert chain.numbers.totals[0] == 30


def test_other_names_give_other_numbers(chain):
    chain.numbers.totals[1] = 8

    chain.want({"other"})

    assert (chain.numbers.wanted.tolist(), chain.numbers.totals.tolist()) == ([1], [25, 8, 0, 1])


@pytest.mark.parametrize("integer", [EXACT + 1, -EXACT - 1, 1 << 63, -(1 << 63)])
def test_integers_that_a_double_does_not_hold_have_no_numbers(chain, integer):
    chain.decoder.scaled[0] = integer

    assert chain.numbers is None


def test_a_chain_that_has_not_begun_has_no_numbers():
    assert Chain(WANTED).numbers is None


@pytest.mark.parametrize(
    ("integers", "are"), [([], True), ([EXACT, -EXACT], True), ([EXACT + 1], False), ([0, -EXACT - 1], False)]
)
def test_which_integers_are_exact(integers, are):
    assert exact(np.array(integers, np.int64)) is are
