# SPDX-License-Identifier: Apache-2.0
import base64
import json

import pytest

from giamsat_collector.errors import RefusedError
from support.console_line import line
from support.parcels import key, run, sealed

WHO = {"agent": "A1", "hostname": "máy-1", "unit": "40.412", "sealed": "2027-01-15T12:00:00Z"}
TOOK = {"lane": "event", "new": 2, "held": 1, "over": 0, "missing": 0}
FILE = sealed([run(1, 2, 3), run(4)], carrier=key(), bound=key())


@pytest.fixture
def stick(tmp_path):
    folder = tmp_path / "stick"
    folder.mkdir()
    (folder / "host.parcel").write_bytes(FILE)
    return folder


def collector(folder, **answers):
    receipt = base64.b64encode(b"the receipt").decode()
    given = {"spool__sender": WHO, "spool__piece": TOOK, "spool__receipt": receipt, "spool__key": "PEM", **answers}
    return line(folder, **given)


def test_a_file_is_checked_whole_before_anything_is_stored_and_a_receipt_lies_beside_it(tmp_path, stick):
    with collector(tmp_path) as here:
        result = here.run("spool", "import", stick / "host.parcel", "--json")

    assert result.exit_code == 0, result.output
    assert [words["dry_run"] for name, words in here.asked if name == "spool.piece"] == [True] * 3 + [False] * 3
    assert json.loads(result.stdout)["new"] == 6
    assert (stick / "host.parcel.receipt").read_bytes() == b"the receipt"
    assert "máy-1" in result.stderr


def test_a_dry_run_stores_nothing_and_writes_no_receipt(tmp_path, stick):
    with collector(tmp_path) as here:
        result = here.run("spool", "import", stick / "host.parcel", "--dry-run")

    assert all(words["dry_run"] for name, words in here.asked if name == "spool.piece")
    assert "nothing was stored" in result.stderr
    assert [path.name for path in stick.iterdir()] == ["host.parcel"]


def test_frames_of_an_epoch_that_is_over_are_said_and_are_exit_code_2(tmp_path, stick):
    with collector(tmp_path, spool__piece={**TOOK, "over": 4}) as here:
        result = here.run("spool", "import", stick / "host.parcel")

    assert result.exit_code == 2
    assert "of an epoch that is over, not taken" in result.stdout


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (FILE[:-20], "ends too early"),
        (b"photo", "not a file of 'giamsat-agent spool export'"),
        (None, "cannot be read"),
    ],
    ids=["cut off", "something else", "not there"],
)
def test_a_file_that_is_not_whole_is_refused_and_nothing_of_it_stored(tmp_path, stick, content, words):
    file = stick / "other.parcel"
    if content is not None:
        file.write_bytes(content)

    with collector(tmp_path) as here:
        result = here.run("spool", "import", file)

    assert isinstance(result.exception, RefusedError)
    assert words in str(result.exception)
    assert not [words for name, words in here.asked if name == "spool.piece" and not words["dry_run"]]


def test_when_the_receipt_cannot_be_written_it_is_said_that_the_frames_are_stored(tmp_path, stick):
    with collector(tmp_path) as here:
        result = here.run("spool", "import", stick / "host.parcel", "--receipt", "/dev/full/r")

    assert "the frames are stored, but /dev/full/r cannot be written" in str(result.exception)


def test_whom_to_seal_for_is_written_once(tmp_path, stick):
    with collector(tmp_path) as here:
        assert here.run("spool", "key", stick / "key.pem").exit_code == 0
        again = here.run("spool", "key", stick / "key.pem")

    assert (stick / "key.pem").read_text() == "PEM"
    assert "give another name" in str(again.exception)
