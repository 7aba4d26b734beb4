# SPDX-License-Identifier: Apache-2.0
from zoneinfo import ZoneInfo

from giamsat_collector.alerts.grouping import opened
from giamsat_collector.console.language import Languages
from giamsat_collector.console.reader import Reader
from giamsat_collector.console.views.draft import WRITTEN, DraftView
from giamsat_collector.registry.snapshot import Registry
from support.incidents import HOUR, incident
from support.verdicts import PLACEMENT, verdict

READER = Reader(Languages().named("vi"), ZoneInfo("Asia/Ho_Chi_Minh"), 130 * HOUR)


def test_the_form_proposes_the_strongest_alert_and_when_the_first_was_raised():
    alerts = [
        opened(verdict(rule="a", severity="low", title_vi="yếu"), PLACEMENT, 99 * HOUR),
        opened(verdict(rule="b", severity="high", title_vi="mạnh"), PLACEMENT, 100 * HOUR),
    ]

    found = DraftView.of(alerts, [incident()], {}, Registry(), READER)

    assert (found.title, found.detected_field, found.counted) == ("mạnh", "1970-01-05T11:00", "1970-01-05T11:00")
    assert [one.text for one in found.open] == ["7. Cổng dịch vụ công bị xâm nhập"]
    assert found.said == dict.fromkeys(WRITTEN, "")


def test_of_no_alert_the_form_asks_who_told_of_it_and_where_and_joins_no_other():
    said = {"told_by": "Chị Lan", "unit": "u"}

    found = DraftView.of([], [incident()], said, Registry(), READER)

    assert (found.title, found.open, found.detected) == ("", (), READER.moment(READER.now_ns))
    assert {one.name: one.text for one in found.placed} == {"told_by": "Chị Lan", "unit": "u", "system": ""}
