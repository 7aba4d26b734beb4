# SPDX-License-Identifier: Apache-2.0
from hypothesis import given
from hypothesis import strategies as st

from giamsat_collector.availability.minutes import CHECKS, REACH, Life, Outage, Span, percent, seen, tally, together
from giamsat_wire.record import Sample, SampleSet

MINUTE = 60 * 10**9
AT = 29_000_000


def reading(*samples, second=20, minute=AT):
    made = tuple(Sample(name, value, (("check", check), ("what", "http"))) for name, check, value in samples)
    return SampleSet(minute * MINUTE + second * 10**9, 0, made)


def test_a_reading_says_which_checks_there_are_and_which_work():
    told = seen(
        "a",
        reading(
            ("giamsat_check_info", "portal", 1),
            ("giamsat_check_info", "new", 1),
            ("probe_success", "portal", 1),
            ("probe_success", "mail", 0),
            ("probe_duration_seconds", "other", 1),
        ),
        period_s=15,
    )

    assert (told.first, told.last) == (AT, AT)
    assert told.configured == {"portal", "new", "mail"}
    assert (told.up, told.down) == ({"portal"}, {"mail"})


def test_a_reading_every_few_minutes_stands_for_those_since_the_one_before_and_no_more():
    slow = seen("a", reading(("probe_success", "portal", 1)), period_s=300)
    lying = seen("a", reading(("probe_success", "portal", 1)), period_s=1e6)

    assert (slow.first, slow.last) == (AT - 4, AT)
    assert lying.last - lying.first + 1 == REACH


def test_odd_values_and_names_never_make_it_up():
    told = seen(
        "a",
        reading(
            ("probe_success", "a", 0.5),
            ("probe_success", "b", float("nan")),
            ("probe_success", "", 1),
            ("probe_success", "x" * 65, 1),
            *(("probe_success", f"c{number}", 1) for number in range(CHECKS * 2)),
        ),
        period_s=15,
    )

    assert told.down == {"a", "b"}
    assert len(told.configured) == CHECKS


def test_without_any_data_nothing_is_up():
    span = Span(AT, AT + 100)

    for checks in ([], [Life(span.bits, 0, 0)]):
        found = tally(span, checks, 0)
        assert (found.up, found.down, found.unknown, found.ratio, found.known) == (0, 0, 100, None, 0.0)


MINUTES = 24
BITS = st.integers(0, (1 << MINUTES) - 1)


@given(st.lists(st.builds(Life, BITS, BITS, BITS), max_size=4), BITS)
def test_every_minute_is_what_its_checks_say(checks, maintenance):
    kinds = []
    for bit in (1 << number for number in range(MINUTES)):
        there = [one for one in checks if one.there & bit]
        if maintenance & bit:
            kinds.append("maintenance")
        elif any(one.down & bit for one in there):
            kinds.append("down")
        elif there and all(one.up & bit for one in there):
            kinds.append("up")
        else:
            kinds.append("unknown")

    found = tally(Span(AT, AT + MINUTES), checks, maintenance)

    assert [found.up, found.down, found.unknown, found.maintenance] == [
        kinds.count(kind) for kind in ("up", "down", "unknown", "maintenance")
    ]
    told = [minute for one in found.outages for minute in range(one.first, one.first + one.minutes)]
    assert told == [AT + number for number, kind in enumerate(kinds) if kind == "down"]
    assert all(
        later.first > one.first + one.minutes for one, later in zip(found.outages, found.outages[1:], strict=False)
    )


def test_an_outage_is_a_run_of_minutes():
    found = tally(Span(AT, AT + 10), [Life(0b1111111111, 0b1111001111, 0b0000110000)], 0)

    assert found.outages == (Outage(AT + 4, 2),)
    assert found.ratio == 0.8


def test_minutes_within_a_span_are_cut_at_its_ends():
    span = Span(100, 104)

    assert span.within(0, 1_000) == span.bits == 0b1111
    assert span.within(102, 103) == 0b0100
    assert span.within(104, 110) == span.within(3, 2) == 0


@given(st.integers(0, (1 << 60) - 1), st.integers(0, (1 << 60) - 1), st.integers(0, (1 << 60) - 1), st.integers(1, 59))
def test_spans_together_are_the_span_they_make(up, down, maintenance, cut):
    def part(first, end):
        over = Span(AT + first, AT + end)
        lives = [Life(over.bits, *(bits >> first & over.bits for bits in (up & ~down, down)))]
        return tally(over, lives, maintenance >> first & over.bits)

    assert together([part(0, cut), part(cut, 60)]) == part(0, 60)


def test_a_share_is_never_rounded_up_to_a_whole_it_is_not():
    assert [percent(share) for share in (1, 1 - 1e-9, 0.5, 0)] == ["100", "99.999", "50.000", "0.000"]
