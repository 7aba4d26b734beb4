# SPDX-License-Identifier: Apache-2.0
from zoneinfo import ZoneInfo

from giamsat_collector.console.language import Languages
from giamsat_collector.console.reader import Reader
from giamsat_collector.console.views.sources import SourcesView
from giamsat_collector.coverage.sources import STEPS, Condition, Source
from giamsat_collector.coverage.troubles import Trouble
from giamsat_collector.registry.record import Placement

READER = Reader(Languages().named("en"), ZoneInfo("Asia/Ho_Chi_Minh"), 0)
PLACE = Placement("A1", "máy", "u", "Xã Nghĩa Đàn", "S1", 2)


def test_a_page_keeps_what_was_asked_and_offers_every_condition_that_has_a_next_step():
    found = [Trouble(PLACE, "journald", Source(None, None, 5, 1_200, 0), Condition.LOSING)]

    view = SourcesView.of(found, READER, text="nghia dan", condition="losing", anybody_sends=True)

    assert [(row.counts, row.heard, row.unit) for row in view.rows] == [(("1,200", "0", "5"), None, "Xã Nghĩa Đàn")]
    assert view.refresh == "/sources?text=nghia+dan&condition=losing"
    assert [choice.code for choice in view.conditions] == ["", *(condition.value for condition in STEPS)]
    assert [choice.code for choice in view.conditions if choice.current] == ["losing"]
