# SPDX-License-Identifier: Apache-2.0
import json

from giamsat_collector.errors import CollectorError
from support.console_line import line

NOTHING = {"added": 0, "changed": 0, "unchanged": 0}
PLAN = {"units": {"added": 2, "changed": 1, "unchanged": 0}, "systems": NOTHING, "assets": NOTHING, "problems": []}
PLAN |= {"steps": [], "ends": [], "unchanged": 0}


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
        assert "--units, --systems, --assets or --changes" in str(here.run("registry", "import").exception)


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


def test_what_each_asset_is_judged_by_is_a_line_each(tmp_path):
    with line(tmp_path, registry__placements=[{"asset": "A1", "level": 3}]) as here:
        assert json.loads(here.run("registry", "placements").stdout) == {"asset": "A1", "level": 3}


def test_a_merger_reaches_the_collector_as_lines_of_a_file_and_its_difference_is_printed(tmp_path):
    step = {"kind": "unit", "id": "u1", "effective": "2025-07-01", "fields": {"successor": ["", "u3"]}}
    with line(tmp_path, registry__import={**PLAN, "steps": [step]}) as here:
        words = ("u1", "u2", "--into", "u3", "--effective", "2025-07-01", "--document", "1678/NQ", "--dry-run")
        result = here.run("registry", "merge", *words)

    asked = here.asked[0][1]
    assert asked["files"]["changes"]["text"].splitlines()[1:] == ["2025-07-01,merge,u1,u3,", "2025-07-01,merge,u2,u3,"]
    assert (asked["document"], asked["dry_run"]) == ("1678/NQ", True)
    assert "~ 2025-07-01 unit u1: successor: — → u3" in result.stdout
    assert "changes  ~1 =0" in result.stdout


def test_every_operation_is_a_line_a_file_could_hold(tmp_path):
    day = ("--effective", "2025-07-01")
    with line(tmp_path, registry__import=PLAN) as here:
        here.run("registry", "split", "u1", "--rest", "u1", "--part", "u2=S1,S2", *day)
        here.run("registry", "rename", "u1", "Phường, mới", *day)
        here.run("registry", "relevel", "S1", "4", *day)
        here.run("registry", "move", "S1", "--to", "u2", *day)

    lines = [asked["files"]["changes"]["text"].encode("latin-1").decode().splitlines()[1:] for _, asked in here.asked]
    assert lines == [
        ["2025-07-01,split,u1,u1,", "2025-07-01,split,u1,u2,S1 S2"],
        ['2025-07-01,rename,u1,,"Phường, mới"'],
        ["2025-07-01,relevel,S1,,4"],
        ["2025-07-01,move,S1,u2,"],
    ]


def test_a_part_without_ids_is_refused_with_how_to_write_it(tmp_path):
    with line(tmp_path) as here:
        result = here.run("registry", "split", "u1", "--rest", "u1", "--part", "u2", "--effective", "2025-07-01")

    assert "HEIR=ID" in str(result.exception)


def test_the_log_is_one_line_for_each_telling(tmp_path):
    row = {"told": "2025-07-02T00:00:00Z", "actor": "an", "what": "import c.csv", "document": "1678/NQ", "facts": 412}
    with line(tmp_path, registry__log=[row]) as here:
        assert "1678/NQ" in here.run("registry", "log").stdout
        assert json.loads(here.run("registry", "log", "--json").stdout) == row


def test_a_listing_may_be_as_of_a_day(tmp_path):
    with line(tmp_path, registry__systems=[]) as here:
        here.run("registry", "systems", "--as-of", "2023-12-31", "--as-told", "2025-01-01")

    assert here.asked[0][1] == {"as_of": "2023-12-31", "as_told": "2025-01-01"}


def test_an_end_shows_whose_agents_are_parked_before_anything_is_done(tmp_path):
    end = {"unit": "40.412", "last_day": "2026-06-30", "hosts": ["may-1", "may-2"]}
    with line(tmp_path, registry__import={**PLAN, "ends": [end]}) as here:
        result = here.run("registry", "end", "40.412", "--effective", "2026-07-01", "--dry-run")

    assert "! 40.412 tới / until 2026-06-30: agent tạm dừng / agents parked: may-1, may-2" in result.stdout
    ((_, asked),) = here.asked
    assert "2026-07-01,end,40.412,," in asked["files"]["changes"]["text"]
    assert asked["dry_run"] is True
