# SPDX-License-Identifier: Apache-2.0
import json

import pytest

from support.console_line import line

ROOTS = [
    {"sha256": part * 32, "made": "2026-11-01T00:00:00.000Z", "until": "2036-11-01T00:00:00.000Z"}
    for part in ("ab", "cd")
]
MISSING = [
    {
        "id": f"A{number}",
        "hostname": "máy",
        "unit": "40.412",
        "state": "silent",
        "heard": None if number else "2026-01-01T00:00:00.000Z",
        "certificate_expires": "2026-11-15T00:00:00.000Z",
    }
    for number in range(25)
]
STEADY = {
    "rotating": False,
    "version": 1,
    "roots": ROOTS[:1],
    "agents": 1_509,
    "trusting": 1_509,
    "missing": [],
    "old_tokens": 0,
    "signer": "ok",
    "emergency": True,
    "journal": {"lines": 1_600, "broken": 0},
}
ROTATING = {**STEADY, "rotating": True, "version": 2, "roots": ROOTS}
WAITING = {**ROTATING, "trusting": 1_484, "missing": MISSING, "old_tokens": 3}


def test_progress_is_told_in_numbers_and_by_name(tmp_path):
    with line(tmp_path, authority__show=WAITING) as here:
        said = here.run("authority", "show").stdout
        whole = json.loads(here.run("authority", "show", "--json").stdout)

    assert "1,484 / 1,509" in said
    assert "A0" in said
    assert " d " in said
    assert "never" in said
    assert "A20" not in said
    assert "5: --json" in said
    assert whole == WAITING


def test_when_everybody_knows_the_new_root_the_next_step_is_said(tmp_path):
    with line(tmp_path, authority__show=ROTATING) as here:
        said = here.run("authority", "show").stderr
    assert "copy roots.pem" in said
    assert "authority retire" in said


def test_a_journal_that_was_changed_is_not_passed_over(tmp_path):
    with line(tmp_path, authority__show={**STEADY, "journal": {"lines": 9, "broken": 2}}) as here:
        assert "2 KHÔNG KHỚP" in here.run("authority", "show").stdout


@pytest.mark.parametrize(
    ("words", "state", "said"),
    [
        (("rotate",), ROTATING, "under way"),
        (("retire",), STEADY, "no rotation"),
        (("retire",), WAITING, "25 agents and 3 open tokens"),
        (("replace",), {**STEADY, "emergency": False}, "all 1509 agents would have to be enrolled anew"),
        (("replace",), STEADY, "giamsat-signer.service"),
        (("retire", "--dry-run"), WAITING, "--leave-behind"),
        (("rotate",), STEADY, "giamsat-signer.service"),
        (("retire", "--leave-behind"), WAITING, "giamsat-signer.service"),
    ],
)
def test_what_cannot_be_done_now_is_refused_with_the_next_step(tmp_path, words, state, said):
    with line(tmp_path, authority__show=state) as here:
        result = here.run("authority", *words)

    assert result.exit_code == 1
    assert said in str(result.exception)


@pytest.mark.parametrize(
    ("words", "state", "said"),
    [
        (("rotate",), STEADY, "1509 agents would learn it"),
        (("retire", "--leave-behind"), WAITING, "25 agents would have"),
    ],
)
def test_a_dry_run_asks_the_signer_for_nothing(tmp_path, words, state, said):
    with line(tmp_path, authority__show=state) as here:
        result = here.run("authority", *words, "--dry-run")

    assert (result.exit_code, [asked for asked, _ in here.asked]) == (0, ["authority.show"])
    assert said in " ".join(result.stderr.split())


def test_after_a_theft_each_step_names_the_next(tmp_path):
    said = tmp_path / "said"
    with line(tmp_path, authority__show=STEADY, authority__statement={"statement": "eA=="}) as here:
        replaced = here.run("authority", "replace", "--dry-run")
        written = here.run("authority", "statement", "--out", said)
        again = here.run("authority", "statement", "--out", said)

    assert "agents could not connect again before" in " ".join(replaced.stderr.split())
    assert said.read_bytes() == b"x"
    assert "authority publish" in written.stderr
    assert "openssl pkeyutl -sign -rawin" in written.stderr
    assert "File exists; name a new file" in str(again.exception)


def test_what_was_signed_is_handed_over_with_its_signatures(tmp_path):
    for name in ("said", "1", "2"):
        (tmp_path / name).write_text(name)
    answer = {"serial": 7, "at": "2026-11-15T00:00:00.000Z"}
    with line(tmp_path, authority__publish=answer) as here:
        words = ("--signature", tmp_path / "1", "--signature")
        missing = here.run("authority", "publish", tmp_path / "said", *words, tmp_path / "3")
        done = here.run("authority", "publish", tmp_path / "said", *words, tmp_path / "2")

    assert "3: cannot be read: No such file or directory; name a file" in str(missing.exception)
    assert here.asked == [("authority.publish", {"statement": "c2FpZA==", "signatures": ["MQ==", "Mg=="]})]
    assert "authority show" in done.stderr
