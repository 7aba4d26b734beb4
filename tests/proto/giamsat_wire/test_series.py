# SPDX-License-Identifier: Apache-2.0
import math

from giamsat_wire import limits
from giamsat_wire.catalogue import MetricType
from giamsat_wire.series import (
    _ARRANGED,
    _CHECKED,
    _TYPED,
    ARRANGED_SERIES,
    SERIES_BYTES,
    TYPED_NAMES,
    Room,
    checked,
    decimals_of,
    scaled_by,
    shared,
    types,
)


def test_what_two_hosts_declare_alike_is_one_object():
    one, other = (checked("node_network_up", ("device", f"eth{number}"), 0) for number in "00")

    assert one is other
    assert one == (("node_network_up", (("device", "eth0"),)), 1)


def test_what_two_hosts_have_alike_is_one_object():
    series = [("node_load1", ()), ("node_load5", ())]

    assert shared((*series,)) is shared((*series,))


def test_the_types_of_hosts_that_declare_alike_are_one_object():
    declared = [("node_load1", MetricType.GAUGE), ("node_forks_total", MetricType.COUNTER)]

    assert types((*declared,)) is types((*declared,))
    assert types((*declared,))["node_forks_total"] is MetricType.COUNTER


def test_what_is_held_once_is_bounded_by_its_size_however_large_series_are():
    label = "x" * limits.LABEL_CHARACTERS
    for number in range(3_000):
        checked("x", tuple(word for at in range(16) for word in (f"l{at}", f"{number}{label}"[:512])), 0)
        shared(tuple((f"m{number}", (("at", str(at)),)) for at in range(100)))
        types(tuple((f"m{number}_{at}", MetricType.GAUGE) for at in range(100)))

    assert SERIES_BYTES // 2 < _CHECKED.weight <= SERIES_BYTES
    assert ARRANGED_SERIES // 2 < _ARRANGED.weight <= ARRANGED_SERIES
    assert TYPED_NAMES // 2 < _TYPED.weight <= TYPED_NAMES


def test_a_value_travels_by_the_fewest_places_that_hold_it_exactly():
    assert [decimals_of(value) for value in (3.0, 0.25, 1e-9, 1 / 3, math.nan, -0.0)] == [0, 2, 9, None, None, None]
    assert (scaled_by(0.25, 2), scaled_by(0.25, 1)) == (25, None)


def test_there_is_room_for_so_many_series_and_characters():
    many, long = Room(), Room()

    assert sum(many.takes("m", ()) for _ in range(limits.SERIES_PER_AGENT + 9)) == limits.SERIES_PER_AGENT
    assert [long.takes("x", ("y" * (limits.SERIES_CHARACTERS - 1),)), long.takes("x", ())] == [True, False]
