# SPDX-License-Identifier: Apache-2.0
from giamsat_rules import span
from giamsat_rules.span import GRACE_NS, Spans
from giamsat_rules.window import Entry

LENGTH = 100 * 10**9


def entry(at):
    return Entry(at * 10**9, "r", ())


def placed(*moments):
    spans = Spans()
    for at in moments:
        spans.add("h", ("g",), entry(at), LENGTH)
    return spans


def over(spans, at_ns):
    return [[each.at_ns // 10**9 for each in entries] for _, entries in spans.over("h", at_ns)]


def test_a_span_is_over_when_the_asset_is_past_it_and_the_grace():
    spans = placed(5, 3, 150)

    assert over(spans, LENGTH + GRACE_NS - 1) == []
    assert over(spans, LENGTH + GRACE_NS) == [[3, 5]]
    assert over(spans, 10 * LENGTH) == [[150]]


def test_every_span_is_over_when_no_more_comes():
    assert len(list(placed(5, 150, 250).over(None, None))) == 3


def test_an_asset_that_is_not_known_has_no_spans():
    assert list(Spans().over("other", 10**20)) == []


def test_what_does_not_fit_is_counted_as_missed(monkeypatch):
    monkeypatch.setattr(span, "OPEN", 2)
    spans = placed(5, 150, 250, 350)

    assert spans.missed == 2


def test_assets_are_bounded_and_what_goes_with_them_is_counted(monkeypatch):
    monkeypatch.setattr(span, "ASSETS", 2)
    spans = Spans()
    for asset in "abcd":
        spans.add(asset, (), entry(1), LENGTH)

    assert (len(spans.assets), spans.missed) == (2, 2)
