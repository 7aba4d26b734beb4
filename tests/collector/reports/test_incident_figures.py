# SPDX-License-Identifier: Apache-2.0
from giamsat_collector.incidents.as_of import Stood
from giamsat_collector.incidents.duties import HOUR_NS, owed
from giamsat_collector.incidents.incident import Group, Report, State
from giamsat_collector.reports import incident_figures
from support.incidents import incident, sent
from support.reporting import NOVEMBER

FIRST, LAST = NOVEMBER.since_ns, NOVEMBER.until_ns


def stood(opened_ns, its=(), **changes):
    one = incident(opened_ns=opened_ns, detected_ns=opened_ns, **changes)
    return Stood(one, owed(one, its))


BEFORE = stood(FIRST - 1, state=State.OPEN)
PHISHING = stood(FIRST, group=Group.PHISHING, state=State.CLOSED)
SERIOUS = stood(
    FIRST,
    (sent(at_ns=FIRST + HOUR_NS), sent(Report.FULL, at_ns=FIRST + 80 * HOUR_NS)),
    serious=True,
    state=State.CLOSED,
)
LATE = stood(LAST - 30 * HOUR_NS, serious=True)


def test_each_kind_is_counted_with_what_became_of_it():
    found = incident_figures.table([BEFORE, PHISHING, SERIOUS, LATE], NOVEMBER)

    assert found.rows == (("Xâm nhập", 2, 2, 1, 1), ("Lừa đảo", 1, 0, 1, 0), ("Tổng số", 3, 2, 2, 1))
    assert sum(found.widths) <= 257


def test_reports_are_in_time_late_or_missing_when_the_period_ends():
    (told, carried) = incident_figures.lines([BEFORE, PHISHING, SERIOUS, LATE], NOVEMBER)

    assert told == (
        "Báo cáo phải gửi theo luật: 4; gửi đúng hạn: 1; gửi chậm: 1; chưa gửi: 2 (trong đó đến hạn trong kỳ: 1)."
    )
    assert carried == "Sự cố mở từ kỳ trước còn xử lý: 1."


def test_none_is_said_to_be_none():
    assert incident_figures.lines([], NOVEMBER) == ("Không có sự cố được mở trong kỳ.",)
    assert incident_figures.table([BEFORE], NOVEMBER) is None
