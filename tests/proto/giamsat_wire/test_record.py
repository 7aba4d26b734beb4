# SPDX-License-Identifier: Apache-2.0
from giamsat_wire.record import Columns, Sample, SampleSet


def test_columns_are_the_same_readings():
    samples = (Sample("node_load1", 0.5), Sample("node_network_up", 1.0, (("device", "eth0"),)))
    read = SampleSet(1, 2, samples)

    columns = Columns(1, 2, read.series, read.values)

    assert columns.samples == samples
    assert columns.series == (("node_load1", ()), ("node_network_up", (("device", "eth0"),)))
    assert columns.values == [0.5, 1.0]
