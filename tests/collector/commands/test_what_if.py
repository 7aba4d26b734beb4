# SPDX-License-Identifier: Apache-2.0
import json

import pytest

from giamsat_collector.archive.folder import Archive
from giamsat_collector.errors import RefusedError
from giamsat_rules.load import shipped
from support.console_line import line
from support.stored import holding

FAILED = {"event__outcome": "failure", "source__ip": "192.0.2.9", "process__name": "sshd", "user__name": "root"}
SPAN = ("--since", "2027-01-15", "--until", "2027-01-17")
SHORT = ("--since", "2027-01-15", "--until", "2027-01-15T12:05:00Z")
IN_FORCE = {"detections": str(shipped().detections), "levels": str(shipped().pack), "overrides": ""}
PACK = "tcvn11930-2017"
PLACE = {
    "asset": "A1",
    "name": "may-1",
    "unit": "40.412",
    "unit_name": "Vinh",
    "system": "S2",
    "level": 2,
    "pack": PACK,
}
SYSTEMS = [
    {"id": "S2", "name": "Thư điện tử", "level": 2, "pack": PACK},
    {"id": "S1", "name": "Trang tin", "level": 1, "pack": PACK},
    {"id": "S5", "name": "Khác", "level": 5, "pack": PACK},
]


@pytest.fixture
def here(tmp_path):
    Archive(tmp_path / "archive").append(2, [holding(number, **FAILED) for number in range(1, 10)])
    registered = {
        "registry__placements": [PLACE],
        "registry__assets": [{"id": "A1", "systems": ["S1", "S2"]}],
        "registry__systems": SYSTEMS,
    }
    with line(tmp_path, rules__show=IN_FORCE, **registered) as here:
        yield here


def test_obligations_rules_values_retention_and_volume_are_told(here):
    result = here.run("registry", "what-if", "S2", 3, *SPAN, "--json")

    found = json.loads(result.stdout)
    assert found["level"] == [2, 3]
    assert {"id": "monitor.network", "clause": "7.2.1.4"} in found["obligations_added"]
    assert found["retention_days"] == [30, 90]
    assert found["values"]["ssh_failed_logins"] == [10.0, 8.0]
    assert found["hosts"] == 1
    assert found["kept_bytes"][1] == pytest.approx(3 * found["kept_bytes"][0], rel=0.01)
    assert found["alerts_per_day"][1] > found["alerts_per_day"][0] == 0


def test_no_day_is_made_of_minutes(here):
    words = ("registry", "what-if", "S2", 3, *SHORT)

    found, said = json.loads(here.run(*words, "--json").stdout), here.run(*words).stderr

    assert (found["bytes_per_day"], found["kept_bytes"], found["alerts_per_day"]) == (None, None, None)
    assert (found["bytes"] > 0, found["alerts"], found["retention_days"]) == (True, [0, 1], [30, 90])
    assert "within 0 giờ / h 5 phút / min; cảnh báo / alerts: 0 → 1 (chưa đủ một ngày" in said
    assert "a day," not in said.replace("less than a day,", "")


def test_a_host_that_another_system_holds_at_a_higher_level_stays_there(here):
    result = here.run("registry", "what-if", "S1", 2, *SPAN, "--json")

    found = json.loads(result.stdout)
    assert (found["level"], found["alerts_per_day"]) == ([1, 2], [0.0, 0.0])


def test_people_read_it_in_sentences_and_are_told_that_nothing_changed(here):
    result = here.run("registry", "what-if", "S2", 3, *SPAN)

    assert "Lưu lượng mạng được giám sát" in result.stdout
    assert "ssh_failed_logins: 10 → 8 logins" in result.stdout
    assert "registry relevel" in result.stderr


def test_another_standard_at_the_same_level_is_asked_for_by_its_name(here):
    found = json.loads(here.run("registry", "what-if", "S2", 2, "--pack", "tcvn14423-2026", *SPAN, "--json").stdout)

    assert (found["level"], found["pack"]) == ([2, 2], [PACK, "tcvn14423-2026"])
    assert found["values"]["login_failures"] == [20.0, 5.0]
    assert {"id": "incident.contact_point", "clause": "4"} in found["obligations_added"]
    with pytest.raises(RefusedError, match="tcvn14423-2026"):
        raise here.run("registry", "what-if", "S2", 2, "--pack", "tcvn14423", *SPAN).exception


@pytest.mark.parametrize(("system", "level", "said"), [("S9", 3, "no such system"), ("S2", 2, "level 2 already")])
def test_what_cannot_be_asked_is_refused_with_the_next_step(here, system, level, said):
    with pytest.raises(RefusedError, match=said):
        raise here.run("registry", "what-if", system, level).exception
