# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace

import pytest

from giamsat_collector.errors import RefusedError
from giamsat_collector.registry.record import Unit, UnitKind
from giamsat_collector.registry.reform import END, MERGE, Reform, files

KNOWN = {
    one.id: one
    for one in (
        Unit("u1", "Xã Nghĩa Dân", UnitKind.COMMUNE, "d1"),
        Unit("u2", "Xã Hưng Hòa", UnitKind.COMMUNE, "d2"),
        Unit("u3", "Xã Hưng Hòa", UnitKind.COMMUNE, "d3"),
    )
}
WISH = Reform(MERGE, ("u1", "u2"), "u3", "", "2025-07-01", "1678/NQ-UBTVQH15")


def said(reform):
    units, found = files(reform, KNOWN)
    return units, {kind: file.data.decode().splitlines()[1:] for kind, file in found.items()}


def test_units_are_merged_by_id_or_by_name_each_once():
    units, found = said(replace(WISH, units=("xã nghĩa dân", " u1 ", "u2")))

    assert units == ("u1", "u2")
    assert found == {"changes": ["2025-07-01,merge,u1,u3,", "2025-07-01,merge,u2,u3,"]}


def test_what_takes_their_place_may_begin_on_that_day_as_what_they_are_and_where_they_are():
    _, found = said(replace(WISH, into="u9", name="Phường Mới"))

    assert found["units"] == ["u9,Phường Mới,commune,d1"]
    assert found["changes"][0] == "2025-07-01,merge,u1,u9,"


def test_what_nothing_follows_is_said_to_be_a_unit():
    assert said(replace(WISH, operation=END, into=""))[1]["changes"][0] == "2025-07-01,end,unit:u1,,"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"operation": "sell"}, "choose merge or end"),
        ({"document": " "}, "no document"),
        ({"effective": ""}, "no day"),
        ({"units": ()}, "at least one unit"),
        ({"units": ("Xã Hưng Hòa",)}, "names 2 units: u2, u3"),
        ({"units": ("Xã Nghĩa Dan",)}, "did you mean Xã Nghĩa Dân"),
        ({"into": "u8"}, "no such unit: u8"),
        ({"into": "u2", "name": "Xã khác"}, "u2 stands already: Xã Hưng Hòa"),
    ],
)
def test_what_is_missing_or_not_known_is_refused_with_what_to_write(change, why):
    with pytest.raises(RefusedError, match=why):
        files(replace(WISH, **change), KNOWN)
