# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from giamsat_collector.console.language import Languages
from giamsat_collector.console.reader import Reader
from giamsat_collector.console.views.units import SHOWN, view
from giamsat_collector.registry.changing import Step
from giamsat_collector.registry.history import Fact, Key, Kind
from giamsat_collector.registry.intake import Plan
from giamsat_collector.registry.preview import Leaving, Preview
from giamsat_collector.registry.record import Asset, AssetKind, System
from giamsat_collector.registry.sheet import Problem
from support.console import Console

READER = Reader(Languages().named("vi"), ZoneInfo("UTC"), 0)
KEY = Key(Kind.UNIT, "40.412")
PLAN = Plan(facts=(Fact(KEY, 5, {"valid_to": "x"}),), steps=(Step(KEY, 0, {"valid_to": ""}, {"valid_to": "x"}),))
LEAVING = Leaving(
    "40.412",
    "Đơn vị 40.412",
    (System("S-A1", "Hệ thống A1", "40.412", 3),),
    (Asset("A1", "máy-chủ-1", AssetKind.HOST, "40.412", ("S-A1",)),),
)
PREVIEW = Preview(PLAN, (LEAVING,))


@pytest.fixture
def registry():
    console = Console()
    console.place()
    yield console.registry
    console.close()


def test_what_would_be_done_is_named_with_what_stands_in_the_unit(registry):
    found = view({}, PREVIEW, (), registry, READER)

    assert found.summary == "1 đơn vị thôi hoạt động; 1 hệ thống và 1 máy chịu ảnh hưởng."
    assert [(one.systems, one.hosts) for one in found.moved] == [(("Hệ thống A1",), ("máy-chủ-1",))]
    assert found.steps == ("Đơn vị 40.412 (40.412), 01/01/1970: ngày cuối: — → x",)
    assert found.seen == PREVIEW.mark


def test_what_cannot_be_done_or_does_nothing_cannot_be_carried_out(registry):
    ended = replace(PLAN, problems=(Problem("form", 2, "id", "ended"),))
    wrong = view({}, Preview(ended, (LEAVING,)), (), registry, READER)
    nothing = view({}, Preview(Plan(unchanged=1), (LEAVING,)), (), registry, READER)

    assert (wrong.seen, wrong.problems, wrong.steps) == ("", ("Đơn vị thôi hoạt động: ended",), ())
    assert (nothing.seen, nothing.moved, nothing.summary) == ("", (), "")


def test_of_very_many_changes_the_rest_is_counted(registry):
    found = view({}, Preview(replace(PLAN, steps=PLAN.steps * (SHOWN + 5))), (), registry, READER)

    assert (len(found.steps), found.more) == (SHOWN, "và 5 thay đổi nữa")


def test_what_the_register_calls_its_own_entries_is_said_in_the_readers_language(registry):
    told = {"told_ns": 0, "actor": "", "document": "", "facts": 1}
    book = [{**told, "what": "enrolment"}, {**told, "what": "merge 1 → 2"}]

    assert [row.what for row in view({}, PREVIEW, book, registry, READER).book] == ["ghi danh máy", "merge 1 → 2"]
