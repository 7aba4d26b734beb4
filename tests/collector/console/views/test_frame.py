# SPDX-License-Identifier: Apache-2.0
from zoneinfo import ZoneInfo

from giamsat_collector.console.authentication import destination
from giamsat_collector.console.language import Languages
from giamsat_collector.console.reader import Reader
from giamsat_collector.console.role import Role
from giamsat_collector.console.sessions import Session
from giamsat_collector.console.views.frame import Frame, at

LANGUAGES = Languages().all


def frame(visitor=None, query=()):
    reader = Reader(LANGUAGES[0], ZoneInfo("Asia/Ho_Chi_Minh"), 0)
    return Frame.of("/alerts", query, visitor, reader, LANGUAGES)


def test_the_other_language_keeps_the_filters_but_not_the_moment():
    query = [("unit", "a&b"), ("lang", "vi"), ("as_of", "5")]

    assert [one.address for one in frame(query=query).languages] == [
        "/alerts?unit=a%26b&lang=vi",
        "/alerts?unit=a%26b&lang=en",
    ]


def test_only_somebody_inside_is_shown_the_pages():
    assert frame().pages == ()
    assert (
        frame(Session("an", must_choose=True, role=Role.ANALYST, csrf="c", seen_ns=0, proved_ns=0, person="an")).pages
        == ()
    )
    inside = frame(Session("an", must_choose=False, role=Role.ANALYST, csrf="c", seen_ns=0, proved_ns=0, person="an"))
    assert [(page.address, page.current) for page in inside.pages] == [
        ("/alerts", True),
        ("/incidents", False),
        ("/handover", False),
        ("/hosts", False),
        ("/sightings", False),
        ("/flows", False),
        ("/coverage", False),
        ("/suppressions", False),
    ]


def test_an_address_without_a_query_has_no_question_mark():
    assert at("/hosts", []) == "/hosts"


def test_a_login_leads_to_every_page_of_the_navigation():
    inside = frame(Session("an", must_choose=False, role=Role.ANALYST, csrf="c", seen_ns=0, proved_ns=0, person="an"))

    assert [destination(page.address) for page in inside.pages] == [page.address for page in inside.pages]
