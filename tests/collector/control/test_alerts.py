# SPDX-License-Identifier: Apache-2.0

import pytest

from giamsat_collector.errors import RefusedError
from support.office import Office


@pytest.fixture
def office(tmp_path):
    office = Office(tmp_path)
    office.console.place()
    yield office
    office.console.close()


async def test_alerts_are_listed_up_to_the_limit_and_it_is_said_that_there_are_more(office):
    office.console.raise_alerts(205)

    found = await office.do("alerts.list", filters=[], limit=203)
    everything = await office.do("alerts.list", filters=[["state", "open"]], limit=1_000)

    assert (len({alert["id"] for alert in found["alerts"]}), found["more"]) == (203, True)
    assert (len(everything["alerts"]), everything["more"]) == (205, False)


async def test_a_move_is_told_to_whoever_watches_and_stands_in_the_history(office):
    alert = office.console.raise_alert()

    moved = await office.do("alerts.move", alert=alert.id, action="acknowledge", note="đang xem")

    shown = await office.do("alerts.show", alert=alert.id)
    assert (moved["state"], moved["owner"], office.changes) == ("acknowledged", "an", 1)
    assert shown["history"][-1]["actor"] == "an"
    assert shown["evidence"]
    assert shown["runbook"]["vi"].startswith("1. ")


async def test_a_rule_that_is_no_longer_in_force_says_nothing_of_what_to_do(office):
    alert = office.console.raise_alert(rule="gone")

    shown = await office.do("alerts.show", alert=alert.id)

    assert shown["runbook"] == {"vi": "", "en": ""}


async def test_a_move_nobody_knows_is_refused_with_those_there_are(office):
    alert = office.console.raise_alert()

    with pytest.raises(RefusedError, match="acknowledge, assign"):
        await office.do("alerts.move", alert=alert.id, action="forget")

    assert office.changes == 0
