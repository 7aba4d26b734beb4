# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_wire.lane import Lane
from giamsat_wire.record import Columns, Loss, LossReason, Sample, SampleSet


def test_columns_are_the_same_readings():
    samples = (Sample("node_load1", 0.5), Sample("node_network_up", 1.0, (("device", "eth0"),)))
    read = SampleSet(1, 2, samples)

    columns = Columns(1, 2, read.series, read.values)

    assert columns.samples == samples
    assert columns.series == (("node_load1", ()), ("node_network_up", (("device", "eth0"),)))
    assert columns.values == [0.5, 1.0]


@pytest.mark.parametrize(("frames", "count"), [(0, 11), (5, 5)], ids=["all of them", "some of them"])
def test_a_loss_counts_its_whole_range_unless_it_says_how_many(frames, count):
    assert Loss(Lane.METRIC, 7, 10, 20, LossReason.THINNED, frames).count == count
