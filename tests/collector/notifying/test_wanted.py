# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_collector.notify_settings import What
from giamsat_collector.notifying.wanted import Wanted
from support.notices import notice

WITHIN = {"40.412.16663": {"40.412.16663", "40.412", "40"}}


def fits(wanted, what=What.OPEN, **changes):
    return wanted.fits(what, notice(**changes).alert, lambda unit: WITHIN.get(unit, {unit}))


@pytest.mark.parametrize(("priority", "told"), [(1, True), (2, True), (3, False)])
def test_what_is_less_urgent_is_not_told(priority, told):
    assert fits(Wanted(priority=2), priority=priority) is told


def test_a_district_hears_of_its_communes_and_of_nobody_elses():
    district = Wanted(units=frozenset({"40.412"}))

    assert fits(district, unit="40.412")
    assert fits(district, unit="40.412.16663")
    assert fits(Wanted(units=frozenset({"40"})), unit="40.412.16663")
    assert not fits(district, unit="40.413")
    assert not fits(district, unit="")


def test_only_what_was_asked_for_is_told_and_what_waits_apart_is_not():
    assert not fits(Wanted(), What.CLOSE)
    assert fits(Wanted(what=frozenset({What.CLOSE})), What.CLOSE)
    assert not fits(Wanted(), maintenance=1)
