# SPDX-License-Identifier: Apache-2.0
import json

from giamsat_collector.errors import RefusedError
from support.console_line import line

HOST = {
    "mac": "02:00:00:00:00:05",
    "vendor": None,
    "addresses": ["10.0.0.5"],
    "name": "[red]ketoan[/red]",
    "vendor_class": None,
    "services": ["tcp/22"],
    "unit": "40.1",
    "unit_name": "Phường Thành Vinh",
    "state": "unknown",
    "known_as": None,
    "seen_by": [{"asset": "A1", "segment": "eth0"}],
    "first": "2026-11-29T03:00:00.000Z",
    "last": "2026-11-29T04:00:00.000Z",
}
STEP = {"unit": "40.1", "unwatched": 1, "step": {"vi": "cài agent", "en": "install it"}}
FOUND = {"hosts": [HOST], "steps": [STEP], "proposal": "id,name,kind,unit,systems\nx,y,host,40.1,\n"}


def test_hosts_are_shown_with_the_next_step_of_their_unit(tmp_path):
    with line(tmp_path, registry__sightings=FOUND) as here:
        result = here.run("registry", "sightings", "--unit", "40.1", "--state", "unknown")

    assert here.asked == [("registry.sightings", {"unit": "40.1", "state": "unknown", "text": ""})]
    assert "02:00:00:00:00:05" in result.stdout
    assert "40.1: cài agent / install it" in result.stderr


def test_they_are_one_json_object_a_line_or_a_file_to_be_imported(tmp_path):
    with line(tmp_path, registry__sightings=FOUND) as here:
        shown, proposed = here.run("registry", "sightings", "--json"), here.run("registry", "sightings", "--propose")

    assert json.loads(shown.stdout) == HOST
    assert proposed.stdout == FOUND["proposal"]
    assert "registry import --assets" in proposed.stderr


def test_without_any_the_next_step_is_said_and_a_refusal_is_one_message(tmp_path):
    with line(tmp_path, registry__sightings={"hosts": [], "steps": [], "proposal": ""}) as here:
        assert "[packets] interfaces" in here.run("registry", "sightings").stderr
    with line(tmp_path, registry__sightings=RefusedError("no such unit: x")) as here:
        result = here.run("registry", "sightings", "--unit", "x")

    assert (result.exit_code, "no such unit" in str(result.exception)) == (1, True)
