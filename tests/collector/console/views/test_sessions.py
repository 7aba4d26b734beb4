# SPDX-License-Identifier: Apache-2.0
from zoneinfo import ZoneInfo

from giamsat_collector.console.language import Languages
from giamsat_collector.console.reader import Reader
from giamsat_collector.console.sessions import Open
from giamsat_collector.console.views.sessions import SessionRow


def test_a_session_says_from_where_since_when_and_when_it_was_used():
    reader = Reader(Languages().named("vi"), ZoneInfo("UTC"), 0)

    row = SessionRow.of(Open("2001:db8::1\x1b", 0, 60 * 10**9, own=True), reader)

    assert (row.address, row.own) == ("2001:db8::1\\x1b", True)
    assert (row.begun.iso, row.used.iso) == (reader.moment(0).iso, reader.moment(60 * 10**9).iso)
