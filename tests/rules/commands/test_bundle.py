# SPDX-License-Identifier: Apache-2.0
import pytest
from typer.testing import CliRunner

from giamsat_rules.cli import app
from giamsat_rules.load import load_pack, load_rules, shipped
from support.signing import key_pair


@pytest.fixture
def keys(tmp_path):
    return tuple(map(str, key_pair(tmp_path)))


@pytest.fixture
def run(tmp_path):
    return lambda *words: CliRunner().invoke(app, ["bundle", *words])


def make(run, file, serial, key):
    return run("make", str(file), "--serial", str(serial), "--key", key, "--audience", "x")


def test_what_was_bundled_comes_out_as_it_went_in(run, keys, tmp_path):
    made = make(run, tmp_path / "b", 1, keys[0])
    opened = run("open", str(tmp_path / "b"), "--key", keys[1], "--audience", "x", "--into", str(tmp_path / "new"))

    assert (made.exit_code, opened.exit_code) == (0, 0)
    assert load_rules(tmp_path / "new" / "detections").rules.keys() == load_rules(shipped().detections).rules.keys()
    assert load_pack(tmp_path / "new" / "levels" / "tcvn11930-2017").profile(3) is not None


def test_an_older_bundle_is_refused_and_writes_nothing(run, keys, tmp_path):
    for serial in (1, 2):
        make(run, tmp_path / str(serial), serial, keys[0])

    words = ["--key", keys[1], "--audience", "x", "--last", str(tmp_path / "2"), "--into", str(tmp_path / "new")]
    result = run("open", str(tmp_path / "1"), *words)

    assert result.exit_code == 1
    assert "does not follow" in result.stderr
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("words", [["make", "out", "--serial", "1"], ["open", "absent"]])
def test_a_key_that_is_none_is_said_in_one_message(run, words, tmp_path):
    bad = tmp_path / "bad.pem"
    bad.write_text("nonsense")

    result = run(*words, "--key", str(bad), "--audience", "x")

    assert result.exit_code == 1
    assert "give an Ed25519 key" in result.stderr
