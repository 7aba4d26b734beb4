# SPDX-License-Identifier: Apache-2.0
from support.console_line import line

TOKEN = {"token": "gs1.a.b.c", "unit": "40.412", "uses": 1, "expires": "2026-01-01T00:00:00.000Z", "address": "c:7444"}
AGENT = {"id": "id-1", "hostname": "srv", "unit": "u", "level": None, "state": "live", "heard": None}


def test_only_the_token_goes_to_standard_output(tmp_path):
    with line(tmp_path, enrol__issue=TOKEN) as here:
        result = here.run("enrol", "issue", "--unit", "40.412", "--expires", "7d")

    assert result.stdout == "gs1.a.b.c\n"
    assert "giamsat-agent enrol --collector c:7444" in result.stderr
    assert here.asked[0][1]["expires"] == "7d"


def test_a_host_without_a_level_is_shown_as_unclassified(tmp_path):
    with line(tmp_path, enrol__agents=[AGENT]) as here:
        assert "chưa" in here.run("enrol", "agents").stdout


def test_revoking_wants_a_reason(tmp_path):
    with line(tmp_path, enrol__revoke=None) as here:
        assert here.run("enrol", "revoke", "id-1").exit_code == 2
        assert here.run("enrol", "revoke", "id-1", "--why", "mất máy").exit_code == 0

    assert [asked["why"] for _, asked in here.asked] == ["mất máy"]
