# SPDX-License-Identifier: Apache-2.0
from dataclasses import asdict

import pytest

from giamsat_collector.suppressing.record import Record
from support.console_line import line

RECORD = Record(
    7, ("ssh_brute_force",), {"source.ip": "192.0.2.0/28"}, "máy quét", "12/QĐ", "an", 0, 0, 1_800_000_000 * 10**9
)
KEPT = asdict(RECORD) | {"state": "two_persons", "second": "binh", "agreed_from_level": None, "hidden": 20}


@pytest.fixture
def here(tmp_path):
    answers = {"list": [KEPT, KEPT | {"state": "over"}], "agree": KEPT, "end": KEPT}
    with line(tmp_path, **{f"suppress__{name}": answer for name, answer in answers.items()}) as here:
        yield here


def test_the_list_has_who_why_and_how_much_and_what_is_over_only_when_asked(here):
    some, whole = here.run("suppress", "list"), here.run("suppress", "list", "--all", "--json")

    assert "an + binh" in some.stdout
    assert "hidden: 20" in some.stdout
    assert "over" not in some.stdout
    assert len(whole.stdout.splitlines()) == 2


def test_agreeing_and_ending_name_the_number(here):
    assert "an + binh" in here.run("suppress", "agree", 7).stderr
    assert "hidden: 20" in here.run("suppress", "end", 7).stderr
    assert [words for name, words in here.asked if name != "suppress.list"] == [{"number": 7}, {"number": 7}]
