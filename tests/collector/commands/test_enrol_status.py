# SPDX-License-Identifier: Apache-2.0
import json

from support.console_line import line

UNITS = [
    {"unit": "40.SO.STP", "name": "Sở Tư pháp", "kind": "department", "parent": "40", "state": "done", "why": ""},
    {"unit": "40.412", "name": "Vinh", "kind": "district", "parent": "40", "state": "stuck", "why": "silent"},
    {"unit": "40.412.1", "name": "Xã A", "kind": "commune", "parent": "40.412", "state": "expired", "why": "expired"},
]
LETTER = {"token": "abcdefghijkl", "system": "VD-023", "uses": 2, "networks": [], "issued_by": "an"}
LETTER |= {"issued": "2026-01-01T00:00:00.000Z", "expires": "2026-01-02T00:00:00.000Z"}


def test_the_status_counts_by_district_and_names_what_is_stuck(tmp_path):
    with line(tmp_path, enrol__status=UNITS) as here:
        districts = here.run("enrol", "status").stdout
        stuck = here.run("enrol", "status", "--stuck").stdout
        rows = [json.loads(row) for row in here.run("enrol", "status", "--json").stdout.splitlines()]

    (vinh,) = (line.split()[-5:] for line in districts.splitlines() if line.strip().startswith("Vinh"))
    assert vinh == ["0", "1", "0", "1", "0"]
    assert "40.412.1" in stuck
    assert "40.SO.STP" not in stuck
    assert rows == UNITS


def test_the_letters_of_a_unit_that_still_count_are_named_with_the_command_that_withdraws_one(tmp_path):
    answer = [{**UNITS[1], "state": "waiting", "tokens": [LETTER]}, {**UNITS[2], "tokens": []}]
    with line(tmp_path, enrol__status=answer) as here:
        shown = here.run("enrol", "status", "--unit", "40.412")
        none = here.run("enrol", "status", "--unit", "40.412.1")
        unknown = here.run("enrol", "status", "--unit", "40.41")

    assert "40.412 Vinh: chờ / waiting" in shown.stdout
    assert "abcdefghijkl  40.412 Vinh · VD-023 · 2 máy / hosts" in shown.stdout
    assert "an, 01/01/2026 07:00:00 (00:00:00 UTC) – 02/01/2026" in shown.stdout
    assert "enrol withdraw abcdefghijkl" in shown.stderr
    assert "withdraw" not in none.stdout + none.stderr
    assert "no such unit: 40.41" in str(unknown.exception)
