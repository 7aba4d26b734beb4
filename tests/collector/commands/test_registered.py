# SPDX-License-Identifier: Apache-2.0
from giamsat_collector.commands.registered import Registered
from giamsat_rules.verdict import Subject

PLACE = {"unit": "40.412", "unit_name": "Thành phố Vinh", "system": "S", "level": 3, "pack": "tcvn11930-2017"}
PLACES = Registered({"A1": PLACE, "A2": {**PLACE, "unit": "", "level": None, "system": None, "pack": None}})


def test_an_asset_is_judged_by_its_place():
    assert PLACES.subject("A1") == Subject("A1", 3, "40.412", "S", "tcvn11930-2017")
    assert PLACES.subject("A2") == Subject("A2", None, None, None, None)


def test_an_asset_that_nobody_registered_is_unclassified():
    assert PLACES.subject("A9") == Subject("A9", None, None, None, None)


def test_units_have_names():
    assert PLACES.unit_names()["40.412"] == "Thành phố Vinh"
