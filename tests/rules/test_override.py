# SPDX-License-Identifier: Apache-2.0
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from giamsat_rules.document import Document
from giamsat_rules.override import Scope, in_order, overridden, read_override, weakens
from support.overriding import override

DECLARED = ("ssh_failed_logins", "ssh_failed_window", "disk_full_for")
HOUR = 3600 * 10**9


@pytest.fixture
def read(document):
    def build(text):
        problems = []
        return read_override(document(text), DECLARED, problems), [str(problem) for problem in problems]

    return build


def test_it_says_who_answers_for_what_and_counts_from_its_first_day_through_its_last(read):
    one, problems = read(override("from: 2026-11-01\nset: {ssh_failed_logins: 12, disk_full_for: 5m}"))
    begins, ends = one.span_ns(ZoneInfo("Asia/Ho_Chi_Minh"))

    assert problems == []
    assert (one.name, one.scope, one.of, one.document) == ("portal", Scope.SYSTEM, "S1", "12/QĐ")
    assert [(step.name, step.value, step.origin.line) for step in one.settings] == [
        ("ssh_failed_logins", 12, 8),
        ("disk_full_for", 300, 8),
    ]
    assert (ends - begins) // (24 * HOUR) == (date(2027, 3, 31) - date(2026, 11, 1)).days + 1
    assert begins // HOUR % 24 == 17  # midnight in Viet Nam


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (override().replace("owner: Văn phòng\n", ""), "a.yml:1: owner is missing"),
        (override().replace("document: 12/QĐ\n", ""), "a.yml:1: document is missing"),
        (override().replace("cổng có nhiều người dùng", '""'), "a.yml:5: reason is missing"),
        (override().replace("cổng", "x" * 301), "longer than 300 characters; say why"),
        (override(expires="31/3/2027"), "a.yml:6: expires is '31/3/2027' and no day; write it as 2027-03-31"),
        (
            override(expires="9999-12-31"),
            "a.yml:6: expires is 9999-12-31, not from 1970 to 2261; give a day within them",
        ),
        (override("from: 0001-01-01\nset: {ssh_failed_logins: 12}"), "a.yml:7: from is 0001-01-01, not from 1970"),
        (override().replace("expires: 2027-03-31\n", ""), "expires is 'None' and no day"),
        (override("from: 2027-04-01\nset: {ssh_failed_logins: 12}"), "it ends on 2027-03-31, before it begins"),
        (override("{}"[:0]), "it changes nothing; give set, include or exclude"),
        (override("unit: u1\nset: {ssh_failed_logins: 12}"), "it is for no one, or for several"),
        (override(scope="sytem"), "sytem is not known; did you mean system?"),
        (
            override("set: {ssh_failed_login: 12}"),
            "there is no parameter ssh_failed_login; did you mean ssh_failed_log",
        ),
        (override("set: {ssh_failed_logins: many}"), "ssh_failed_logins is set to 'many'; give a number"),
        (override("set: [ssh_failed_logins]"), "set is not a map"),
        (override("exclude: web_attack"), "exclude is not a list"),
    ],
)
def test_what_is_not_whole_is_refused_with_its_line_and_what_to_do(read, text, said):
    one, problems = read(text)

    assert one is None
    assert any(said in problem for problem in problems), problems


def test_its_last_day_may_be_the_last_there_is(read):
    one, problems = read(override("from: 1970-01-01\nset: {ssh_failed_logins: 12}", expires="2261-12-31"))

    assert problems == []
    assert [-(2**63) <= at_ns < 2**63 for at_ns in one.span_ns(ZoneInfo("Asia/Ho_Chi_Minh"))] == [True, True]


@given(
    st.dictionaries(
        st.sampled_from(["override", "set", "unit", "expires", "exclude"]), st.none() | st.text() | st.lists(st.text())
    )
)
def test_whatever_stands_there_is_read_or_refused_and_never_both(said):
    problems = []

    one = read_override(Document(Path("a.yml"), 1, said, {}), DECLARED, problems)

    assert (one is None) == bool(problems)


def test_the_narrower_counts_and_the_hash_names_what_was_signed(read, shipped_pack):
    texts = (
        override(name="asset", scope="asset", of="A1", steps="set: {ssh_failed_logins: 30}"),
        override(name="unit", scope="unit", of="40", steps="set: {ssh_failed_logins: 9}\nexclude: [web_attack]"),
        override(name="system", steps="include: [web_attack]\nset: {ssh_failed_logins: 4}"),
    )
    found = in_order([read(text)[0] for text in texts])
    base = shipped_pack.profile(3)
    after = overridden(base, found)

    assert [one.name for one in found] == ["unit", "system", "asset"]
    assert (after.values["ssh_failed_logins"], after.judges("web_attack")) == (30, True)
    assert [step.by.split(" (")[0] for step in after.chain[-5:]] == [*["unit 40"] * 2, *["system S1"] * 2, "asset A1"]
    assert len({base.hash, after.hash, overridden(base, found[:2]).hash, overridden(base, found[1:]).hash}) == 4
    assert overridden(base, found) == after


def test_asking_for_less_is_told_from_asking_for_more(read, shipped_pack):
    base, declared = shipped_pack.profile(3), shipped_pack.declared
    steps = "set: {ssh_failed_logins: %s, ssh_failed_window: %s}\ninclude: [web_attack]\nexclude: [%s]"
    less, _ = read(override(steps % (9, "1m", "web_attack")))
    more, _ = read(override(steps % (3, "2h", "nobody_judges")))

    assert [weakens(step, base, declared) for step in less.settings] == [True, True, False, True]
    assert [weakens(step, base, declared) for step in more.settings][:3] == [False, False, False]
