# SPDX-License-Identifier: Apache-2.0
from pathlib import Path

import pytest

from giamsat_rules.errors import RefusedError
from giamsat_rules.load import load_obligations, shipped

WHOLE = """obligations:
  - id: a
    proof: {proof}
    clauses: {clauses}
    title: {{vi: x, en: x}}
    step: {{vi: x, en: x}}
    evidence: [{{vi: sổ trực, en: the roster}}]
"""


def loaded(folder: Path, text):
    (folder / "obligations.yml").write_text(text)
    return load_obligations(folder)


def test_the_shipped_ones_say_what_each_level_owes():
    owed = {
        level: {one.id for one in load_obligations(shipped().pack) if level in one.clauses} for level in range(1, 6)
    }

    assert owed[1] < owed[3] < owed[5]
    assert "log.retention" not in owed[1]
    assert "monitor.network" in owed[3]


def test_an_obligation_is_read_whole(tmp_path):
    (one,) = loaded(tmp_path, WHOLE.format(proof="hosts_reporting", clauses="{1: '5.2', 3: '7.2'}"))

    assert (one.id, one.proof, dict(one.clauses), one.title.vi) == ("a", "hosts_reporting", {1: "5.2", 3: "7.2"}, "x")
    assert [(each.vi, each.en) for each in one.evidence] == [("sổ trực", "the roster")]


def test_the_newer_standard_drops_at_a_higher_level_what_it_asks_for_at_a_lower_one():
    ours = {one.id: one for one in load_obligations(shipped().packs[1])}

    assert sorted(ours["remote.device_antivirus"].clauses) == [2, 4, 5]
    assert sorted(ours["incident.contact_point"].clauses) == [2, 3]
    assert ours["log.retention"].days == {2: 30, 3: 90, 4: 180, 5: 365}
    assert {one.mode.value for one in ours.values()} == {"automated", "partial", "attested"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("obligations: 3", "no list of obligations"),
        ("obligations: [3]", "a map with an id"),
        (WHOLE.format(proof="magic", clauses="{1: x}"), "proof is one of"),
        (WHOLE.format(proof="[magic]", clauses="{1: x}"), "proof is one of"),
        (WHOLE.format(proof="hosts_reporting", clauses="{1: x}") + "    mode: seen\n", "mode one of automated"),
        (WHOLE.format(proof="hosts_reporting", clauses="{1: x}") + "    mod: partial\n", "mod is not known"),
        (WHOLE.format(proof="hosts_reporting", clauses="{7: x}"), "levels from 1 to 5"),
        (WHOLE.format(proof="records_retained", clauses="{2: x}"), "number of days"),
        (WHOLE.format(proof="hosts_reporting", clauses="{1: x}").replace("step: {vi", "step: {fr"), "vi and en"),
        (
            WHOLE.format(proof="hosts_reporting", clauses="{1: x}").replace("evidence: [", "evidence: []  # ["),
            "each evidence",
        ),
        (
            WHOLE.format(proof="hosts_reporting", clauses="{1: x}").replace("[{vi: sổ", "[3, {vi: sổ"),
            "each evidence",
        ),
    ],
)
def test_what_is_not_whole_is_named_with_its_place(tmp_path, text, said):
    with pytest.raises(RefusedError, match=said):
        loaded(tmp_path, text)


def test_an_id_that_is_there_twice_is_refused(tmp_path):
    text = WHOLE.format(proof="hosts_reporting", clauses="{1: x}")

    with pytest.raises(RefusedError, match="twice"):
        loaded(tmp_path, text + text.replace("obligations:\n", ""))
