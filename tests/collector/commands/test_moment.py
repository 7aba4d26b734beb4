# SPDX-License-Identifier: Apache-2.0
from zoneinfo import ZoneInfo

from giamsat_collector.commands.moment import moment


def test_a_time_is_said_in_the_zone_of_the_console_with_utc_beside_it():
    said = moment("2026-11-29T18:30:05.123Z", ZoneInfo("Asia/Ho_Chi_Minh"))

    assert said == "30/11/2026 01:30:05 (18:30:05 UTC)"
