# SPDX-License-Identifier: Apache-2.0
from zoneinfo import ZoneInfo

from giamsat_collector.alerts.grouping import opened
from giamsat_collector.console.language import Languages
from giamsat_collector.console.reader import Reader
from giamsat_collector.console.views.standing import Standing, StandingView
from giamsat_collector.registry.snapshot import Registry
from support.verdicts import PLACEMENT, verdict

VIETNAMESE = Reader(Languages().named("vi"), ZoneInfo("UTC"), 0)


def test_what_stands_before_and_behind_is_said_with_the_way_to_all_of_it():
    alert, other = opened(verdict(), PLACEMENT, 1), opened(verdict(at=2_000), PLACEMENT, 1)

    behind = StandingView.of(alert, Standing(consequences=(other,), number=120, open=1), Registry(), VIETNAMESE)
    before = StandingView.of(alert, Standing(cause=other), Registry(), VIETNAMESE)

    assert behind.said == "120 cảnh báo là hệ quả của cảnh báo này; 1 chưa hết."
    assert (behind.every, behind.cause) == (f"/alerts?state=&cause={alert.id}", None)
    assert [row.id for row in behind.consequences] == [other.id]
    assert (before.waits, behind.waits) == (True, False)
    assert before.cause.address == f"/alerts/{other.id}"
