# SPDX-License-Identifier: Apache-2.0
import math

import pytest

from giamsat_collector.expose import hosts
from giamsat_collector.expose.hosts import HEADS_BYTES, HostPages
from giamsat_wire.catalogue import MetricType
from giamsat_wire.record import Sample

S = 1_000_000_000


def page(samples, types=None):
    pages = HostPages()
    pages.update("a", lambda: tuple(samples), types or {}, received_ns=0, period_s=15.0)
    return pages.page("a", 0).decode()


def test_series_of_a_family_stand_together_under_its_type():
    text = page(
        [Sample("node_load1", 0.5), Sample("x_total", 1.0, (("a", "1"),)), Sample("node_load1", 2.0, (("z", "y"),))]
    )

    assert text.splitlines()[1:4] == ["# TYPE node_load1 gauge", "node_load1 0.5", 'node_load1{z="y"} 2']


def test_a_type_the_agent_declares_is_used_for_a_name_nobody_catalogued():
    assert "# TYPE new_total counter" in page([Sample("new_total", 1.0)], {"new_total": MetricType.COUNTER})


def test_hostile_label_values_stay_inside_their_quotes():
    text = page([Sample("x", 1.0, (("a", '"}\n# evil\\'),))])

    assert text.splitlines()[-1] == 'x{a="\\"}\\n# evil\\\\"} 1'


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.0, "1"),
        (0.1, "0.1"),
        (math.inf, "+Inf"),
        (-math.inf, "-Inf"),
        (math.nan, "NaN"),
        (2.0**60, "1.152921504606847e+18"),
    ],
)
def test_numbers_are_written_as_prometheus_reads_them(value, text):
    assert page([Sample("x", value)]).splitlines()[-1] == f"x {text}"


def test_a_page_is_stale_after_two_and_a_half_periods():
    pages = HostPages()
    pages.update("a", lambda: (Sample("x", 1.0),), {}, received_ns=0, period_s=10.0)

    assert pages.page("a", 25 * S) is not None
    assert pages.page("a", 25 * S + 1) is None
    assert pages.page("never seen", 0) is None


def test_texts_of_ever_new_series_take_a_bounded_memory_and_pages_stay_right():
    pages, label = HostPages(), "x" * 400
    for at in range(60):
        pages.update(
            "a",
            lambda at=at: [Sample("m", 1.0, (("l", f"{at}-{n}{label}"),)) for n in range(500)],
            {},
            received_ns=0,
            period_s=15.0,
        )
        assert f'm{{l="{at}-499{label}"}} 1' in pages.page("a", 0).decode()

    assert pages._heads_bytes <= HEADS_BYTES
    assert len(pages._heads) < 60 * 500


def test_what_is_made_anew_when_memory_is_full_is_counted_from_the_first(monkeypatch):
    pages, alone = HostPages(), HostPages()
    monkeypatch.setattr(hosts, "HEADS_BYTES", 500)
    for shown, name in ((pages, "m1"), (pages, "m2"), (alone, "m2")):
        shown.update("a", lambda name=name: (Sample(name, 1.0),), {}, received_ns=0, period_s=15.0)
        shown.page("a", 0)

    assert pages._heads.keys() == {("m2", ())}
    assert pages._heads_bytes == alone._heads_bytes > 0
