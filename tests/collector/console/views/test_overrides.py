# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from giamsat_collector.console.language import Languages
from giamsat_collector.console.reader import Reader
from giamsat_collector.console.views.overrides import UNITS, OverrideRow
from giamsat_collector.rulebook.register import entries
from giamsat_rules.library import open_library
from giamsat_rules.load import shipped
from support.console import STANDARDS, Console
from support.overriding import override, written


@pytest.mark.parametrize(
    ("scope", "of", "name", "direction"),
    [("unit", "40.412", "Đơn vị 40.412", "siết"), ("asset", "A1", "máy-chủ-1", "siết"), ("system", "S9", "S9", "")],
)
def test_whom_it_is_for_is_called_by_name_as_far_as_it_is_known(tmp_path, scope, of, name, direction):
    console = Console()
    console.place()
    standards = open_library(
        replace(shipped(), overrides=written(tmp_path, override("include: [web_attack]", scope=scope, of=of)))
    ).standards
    reader = Reader(Languages().named("vi"), ZoneInfo("UTC"), console.clock.wall_ns())

    (entry,) = entries(standards, console.registry, reader.now_ns)
    row = OverrideRow.of_entry(entry, standards, console.registry, reader)
    console.close()

    assert (row.of, row.of_name, row.first, row.last) == (of, name, "—", "31/03/2027")
    (change,) = row.changes
    assert (change.title, change.name, change.after, change.direction) == (
        "Xét thêm quy tắc",
        "web_attack",
        "",
        direction,
    )


def test_what_the_shipped_packs_count_in_is_said_in_the_readers_language():
    counted = {one.unit for pack in STANDARDS.packs.values() for one in pack.declared.values()}

    assert counted - UNITS.keys() == {"%", "MB"}
