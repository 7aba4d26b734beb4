# SPDX-License-Identifier: Apache-2.0
import json

from giamsat_collector.errors import CollectorError
from support.console_line import line

NOTHING = {"added": 0, "changed": 0, "unchanged": 0}
PLAN = {"units": {"added": 2, "changed": 1, "unchanged": 0}, "systems": NOTHING, "assets": NOTHING, "problems": []}


def test_the_bytes_of_a_file_arrive_as_they_are(tmp_path):
    (tmp_path / "u.csv").write_bytes(b"code\xe1\xff")
    with line(tmp_path, registry__import=PLAN) as here:
        result = here.run("registry", "import", "--units", str(tmp_path / "u.csv"), "--dry-run")

    assert "+2 ~1 =0" in result.stdout
    assert "nothing was changed" in result.stderr
    asked = here.asked[0][1]
    assert asked["files"]["units"]["text"].encode("latin-1") == b"code\xe1\xff"
    assert asked["dry_run"] is True


def test_every_problem_is_printed_and_the_command_fails(tmp_path):
    with line(tmp_path, registry__example={**PLAN, "problems": ["a.csv:2: level: bad", "a.csv:9: id: bad"]}) as here:
        result = here.run("registry", "example")

    assert "a.csv:2: level: bad" in result.stderr
    assert "a.csv:9: id: bad" in result.stderr
    assert isinstance(result.exception, CollectorError)


def test_an_import_without_a_file_says_which_there_are(tmp_path):
    with line(tmp_path) as here:
        assert "--units, --systems or --assets" in str(here.run("registry", "import").exception)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with line(tmp_path) as here:
        assert "nowhere.csv" in str(here.run("registry", "import", "--units", str(tmp_path / "nowhere.csv")).exception)


def test_listings_are_one_json_object_a_line(tmp_path):
    with line(tmp_path, registry__units=[{"id": "a"}, {"id": "b"}]) as here:
        rows = here.run("registry", "units").stdout.splitlines()

    assert [json.loads(row)["id"] for row in rows] == ["a", "b"]


def test_a_link_tells_the_level_it_gives(tmp_path):
    with line(tmp_path, registry__link={"level": 4}, registry__unlink={"level": None}) as here:
        assert "level 4" in here.run("registry", "link", "A1", "S1").stderr
        assert "unclassified" in here.run("registry", "unlink", "A1", "S1").stderr
