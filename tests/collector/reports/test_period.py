# SPDX-License-Identifier: Apache-2.0
from zoneinfo import ZoneInfo

import pytest

from giamsat_collector.errors import RefusedError
from giamsat_collector.reports import period
from giamsat_wire.clock import SECOND_NS

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")


@pytest.mark.parametrize(
    ("read", "text", "days", "name"),
    [
        (period.month, "2024-02", "từ ngày 01/02/2024 đến ngày 29/02/2024", "tháng 02 năm 2024"),
        (period.half, "2026-H1", "từ ngày 01/01/2026 đến ngày 30/06/2026", "6 tháng đầu năm 2026"),
        (period.half, "2026-H2", "từ ngày 01/07/2026 đến ngày 31/12/2026", "6 tháng cuối năm 2026"),
    ],
)
def test_a_period_is_whole_days_of_the_zone(read, text, days, name):
    found = read(text, HANOI)

    assert (found.days, found.name) == (days, name)
    assert found.since_ns % (86_400 * SECOND_NS) == 17 * 3600 * SECOND_NS


def test_a_period_knows_its_months():
    assert period.month("2024-02", HANOI).months == ("2024-02",)
    assert period.half("2026-H2", HANOI).months == tuple(f"2026-{month:02}" for month in range(7, 13))


def test_one_period_begins_when_the_one_before_it_ends():
    assert period.half("2026-H1", HANOI).until_ns == period.half("2026-H2", HANOI).since_ns


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (period.month, "11/2026"),
        (period.month, "2026-13"),
        (period.month, "20२६-11"),
        (period.half, "2026-H3"),
        (period.half, "20２６-H1"),
    ],
)
def test_what_is_no_period_is_refused_with_how_to_write_one(read, text):
    with pytest.raises(RefusedError, match="write it as 2026-"):
        read(text, HANOI)
