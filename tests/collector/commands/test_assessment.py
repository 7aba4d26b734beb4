# SPDX-License-Identifier: Apache-2.0
import json

import pytest

from support.console_line import line

TEXTS = {"vi": "máy im lặng", "en": "silent"}
SAID = {"title": TEXTS, "reason": TEXTS, "evidence": [TEXTS]}
OWED = {"id": "monitor.hosts", "proof": "hosts_reporting", "clause": "5.2", **SAID}
BY = {"level": 1, "pack": "tcvn11930-2017 1.0.0", "profile": "p"}
SYSTEM = {"name": "Thư", "unit": "40.412", "unit_name": "Vinh", **BY, "example": False}
FOUND = {
    "at_ns": 10**18,
    "pack": "tcvn11930-2017 1.0.0",
    "systems": [
        {**SYSTEM, "system": name, "state": state, "obligations": [{**OWED, "state": state, "step": step}]}
        for name, state, step in (("S1", "met", None), ("S2", "unmet", TEXTS))
    ],
}


@pytest.mark.parametrize(
    ("words", "files"), [([], ["assessment-results.json"]), (["--each"], ["S1.json", "S2.json"])], ids=["all", "each"]
)
def test_results_are_written_into_one_file_or_one_a_system(tmp_path, words, files):
    with line(tmp_path, coverage__show=FOUND) as here:
        result = here.run("coverage", "oscal", "--out", tmp_path / "oscal", "--unit", "40", *words)

    assert result.exit_code == 0
    assert sorted(path.name for path in (tmp_path / "oscal").iterdir()) == files
    assert here.asked == [("coverage.show", {"system": "", "unit": "40", "level": 0})]
    written = [json.loads((tmp_path / "oscal" / file).read_text()) for file in files]
    results = [one for document in written for one in document["assessment-results"]["results"]]
    assert [one["title"] for one in results] == ["S1 Thư", "S2 Thư"]


def test_without_a_system_and_without_a_place_it_says_what_to_do(tmp_path):
    (tmp_path / "file").write_text("")
    with line(tmp_path, coverage__show={**FOUND, "systems": []}) as here:
        assert "registry systems" in str(here.run("coverage", "oscal", "--out", tmp_path).exception)
    with line(tmp_path, coverage__show=FOUND) as here:
        assert "--out" in str(here.run("coverage", "oscal", "--out", tmp_path / "file").exception)
