# SPDX-License-Identifier: Apache-2.0

from support.console_line import line

COUNTS = {"produced": 900, "throttled": 40, "dropped": 0, "spooled": 7, "received": 853, "lost": 0}
SOURCE = {
    "source": "/var/log/auth.log",
    "condition": "stopped",
    **COUNTS,
    "heard": "2026-11-29T08:00:00Z",
    "step": {"vi": "chạy giamsat-agent doctor", "en": "run giamsat-agent doctor"},
}
HOUR = {"hour": "2026-11-29T08:00:00Z", "minutes": 0, "owed_minutes": 60, "received": {}, "lost": 0, "unread": 0}
LEDGER = {
    "hours": [{**HOUR, "data": "none", "alerts": 0}, {**HOUR, "data": "full", "minutes": 60, "alerts": 0}],
    "waiting": {"event": {"frames": 3, "given_up": 1}},
    "sources": [SOURCE],
    "minutes": [{"minute": "2026-11-29T08:07:00Z", "source": "/var/log/auth.log", **COUNTS}],
    "counters": {"giamsat_agent_x_total": 2.0},
}


def test_a_ledger_prints_a_dash_for_alerts_nobody_could_have_seen_and_what_became_of_each_source(tmp_path):
    with line(tmp_path, coverage__ledger=LEDGER) as here:
        printed = here.run("coverage", "ledger", "A1", "--hours", "2").stdout.splitlines()

    assert [row.split()[-1] for row in printed if row.lstrip().startswith("29/11/2026 15:00 (08:00 UTC)")] == ["—", "0"]
    assert "chờ ở máy / waiting  event: 3, bỏ / given up 1" in printed
    assert (
        "nguồn / source  /var/log/auth.log: dừng / stopped, nghe cuối / last heard 29/11/2026 15:00 (08:00 UTC)"
        in printed
    )
    assert (
        "    sinh ra / produced 900 = chỉ đếm / throttled 40 + bỏ / dropped 0 + chờ / spooled 7 + "
        "đã nhận / received 853 + mất / lost 0"
    ) in printed
    assert "    →  chạy giamsat-agent doctor" in printed
    assert printed[-1] == "giamsat_agent_x_total 2"


def test_the_minutes_of_a_source_are_printed_and_one_there_is_not_is_answered_with_those_there_are(tmp_path):
    with line(tmp_path, coverage__ledger=LEDGER) as here:
        found = here.run("coverage", "ledger", "A1", "--source", "-")
        unknown = here.run("coverage", "ledger", "A1", "--source", "journal")

    (row,) = [row.split() for row in found.stdout.splitlines() if row.lstrip().startswith("29/11/2026")]
    assert found.stdout.startswith("/var/log/auth.log")
    assert row == ["29/11/2026", "15:07", "(08:07", "UTC)", "900", "40", "0", "7", "853", "0"]
    assert "/var/log/auth.log" in str(unknown.exception)


def test_sources_in_trouble_are_listed_with_the_next_step(tmp_path):
    found = [{**SOURCE, "asset": "A1", "name": "may-1", "unit": "40.412"}]
    with line(tmp_path, coverage__sources=found) as here:
        result = here.run("coverage", "sources", "--unit", "40.412")

    assert "may-1  /var/log/auth.log: dừng / stopped  →  chạy giamsat-agent doctor" in result.stdout
    assert result.exit_code == 3
    with line(tmp_path, coverage__sources=[]) as here:
        assert here.run("coverage", "sources").exit_code == 0
