# SPDX-License-Identifier: Apache-2.0
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from giamsat_wire.exposition import render
from giamsat_wire.record import Sample


def test_a_metric_stands_under_its_help_and_type():
    assert render([Sample("node_load1", 0.42)]) == (
        "# HELP node_load1 1m load average.\n# TYPE node_load1 gauge\nnode_load1 0.42\n"
    )


def test_series_of_one_metric_stand_together():
    page = render(
        [
            Sample("node_load5", 1),
            Sample("node_disk_io_now", 2, (("device", "sda"),)),
            Sample("node_load1", 3),
            Sample("node_disk_io_now", 4, (("device", "sdb"),)),
        ]
    )

    assert [line for line in page.splitlines() if not line.startswith("#")] == [
        'node_disk_io_now{device="sda"} 2',
        'node_disk_io_now{device="sdb"} 4',
        "node_load1 3",
        "node_load5 1",
    ]


def test_a_series_that_came_twice_is_written_once():
    page = render([Sample("node_load1", 1), Sample("node_load1", 2)])

    assert page.count("\nnode_load1 ") == 1
    assert page.endswith("node_load1 2\n")


def test_a_metric_nobody_declared_is_untyped_and_has_no_help():
    assert render([Sample("x_new", 1)]) == "# TYPE x_new untyped\nx_new 1\n"


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (4096.0, "4096"),
        (35184372087808.0, "35184372087808"),
        (2.0**64 - 1, "1.8446744073709552e+19"),
        (51.234567, "51.234567"),
        (-0.052, "-0.052"),
        (math.inf, "+Inf"),
        (-math.inf, "-Inf"),
        (math.nan, "NaN"),
    ],
)
def test_a_value_is_written_as_prometheus_reads_it(value, written):
    assert render([Sample("node_load1", value)]).splitlines()[-1] == f"node_load1 {written}"


@given(st.floats(allow_nan=False))
def test_no_value_loses_precision(value):
    assert float(render([Sample("node_load1", value)]).splitlines()[-1].split(" ")[1]) == value


def test_hostile_text_in_a_label_stays_in_its_label():
    page = render([Sample("x", 1, (("a", 'b"} 9\nnode_up 1\\'),))])

    assert page == '# TYPE x untyped\nx{a="b\\"} 9\\nnode_up 1\\\\"} 1\n'
