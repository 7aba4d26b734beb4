# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_rules.errors import UnreadableError
from giamsat_rules.library import OVERRIDES, open_library
from giamsat_rules.load import Folders, bundled, shipped, unbundle
from support.overriding import override, written


@pytest.fixture
def opened(tmp_path):
    def build(*texts):
        detections = shipped().detections / "authentication"
        return open_library(Folders(detections, shipped().pack, written(tmp_path / "overrides", *texts)))

    return build


def test_a_faulty_override_is_left_out_and_the_rest_goes_on(opened):
    found = opened(override(), override(name="second", steps="exclude: [ssh_brute_forse]"), "override: [\n")

    assert [one.name for one in found.standards.overrides] == ["portal"]
    assert "there is no rule ssh_brute_forse; did you mean ssh_brute_force?" in str(found.refused[0])
    assert len(found.refused) == 2


@pytest.mark.parametrize(
    ("steps", "why"),
    [
        (
            "set: {ssh_failed_logins: 10000}",
            "level 1 of tcvn11930-2017 with it asks for what never comes: no whole number",
        ),
    ],
)
def test_one_that_would_switch_a_rule_off_for_want_of_sense_is_refused(opened, steps, why):
    found = opened(override(steps))

    assert found.standards.overrides == ()
    assert [why in str(problem) for problem in found.refused] == [True]


def test_a_name_is_given_once_and_there_are_only_so_many(opened):
    assert "is taken by" in str(opened(override(), override(of="S2")).refused)

    many = "---\n".join(override(name=f"o{number}") for number in range(OVERRIDES + 1))
    parts = ["---\n".join(many.split("---\n")[start : start + 300]) for start in range(0, OVERRIDES + 1, 300)]
    found = opened(*parts)

    assert len(found.standards.overrides) == OVERRIDES
    assert f"more than {OVERRIDES} overrides" in str(found.refused)


def test_a_path_that_is_not_there_is_said(tmp_path):
    with pytest.raises(UnreadableError, match="no such file or folder"):
        open_library(Folders(shipped().detections, shipped().pack, tmp_path / "absent"))


def test_overrides_travel_in_a_bundle(tmp_path):
    folders = Folders(shipped().detections / "accounts", shipped().pack, written(tmp_path / "a", override()))

    there = unbundle(bundled(folders), tmp_path / "there")

    assert bundled(there) == bundled(folders)
    assert [one.of for one in open_library(there).standards.overrides] == ["S1"]
