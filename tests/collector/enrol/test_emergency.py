# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_collector.enrol.emergency import NAME, open_emergency
from giamsat_collector.errors import RefusedError, StartError
from giamsat_wire import emergency
from giamsat_wire.emergency import Statement
from support.emergency_keys import made_keys

ROOTS = (b"root",)


@pytest.fixture
def holders(tmp_path):
    return made_keys(tmp_path)


def opened(tmp_path, holders):
    return open_emergency(tmp_path, [str(file) for file in holders[1]])


def signed(holders, serial, roots=ROOTS, by=(0, 1)):
    text = emergency.written(Statement(serial, roots))
    return text, [holders[0][number].sign(text) for number in by]


def test_what_was_published_is_told_after_a_restart_too(tmp_path, holders):
    text, signatures = signed(holders, 7)
    first = opened(tmp_path, holders)
    assert first.reply is None

    first.publish(text, signatures, ROOTS)

    for here in (first, opened(tmp_path, holders)):
        assert (here.reply.statement, list(here.reply.signatures)) == (text, signatures)


def test_what_agents_would_not_believe_is_not_published(tmp_path, holders):
    here = opened(tmp_path, holders)
    here.publish(*signed(holders, 7), ROOTS)
    before = here.reply

    for said, words in (
        (signed(holders, 8, by=(2,)), "1 of the 2"),
        (signed(holders, 8, roots=(b"other",)), "other roots"),
        (signed(holders, 6), "a later statement"),
    ):
        with pytest.raises(RefusedError, match=words):
            here.publish(*said, ROOTS)
    with pytest.raises(RefusedError, match="no emergency keys are configured"):
        open_emergency(tmp_path, ()).publish(*signed(holders, 8), ROOTS)

    assert here.reply is before


@pytest.mark.parametrize("data", [b"", b"no", b"\xff\n", b"eA==\neA=="])
def test_a_damaged_file_is_as_none(tmp_path, holders, data):
    (tmp_path / NAME).write_bytes(data)

    assert opened(tmp_path, holders).reply is None


def test_what_other_keys_have_signed_is_not_told(tmp_path, holders):
    opened(tmp_path, holders).publish(*signed(holders, 7), ROOTS)

    assert opened(tmp_path, made_keys(tmp_path)).reply is None


def test_a_key_that_cannot_be_read_stops_the_start_by_its_name(tmp_path, holders):
    holders[1][1].write_text("no")
    with pytest.raises(StartError, match=r"emergency-2\.pub: no public key"):
        opened(tmp_path, holders)
    holders[1][1].unlink()
    with pytest.raises(StartError, match=r"emergency-2\.pub: the emergency key cannot be read"):
        opened(tmp_path, holders)


def test_one_key_in_two_files_stops_the_start(tmp_path, holders):
    holders[1][2].write_bytes(b"\n" + holders[1][0].read_bytes())

    with pytest.raises(StartError, match=r"emergency-1\.pub, .*emergency-3\.pub: the same emergency key"):
        opened(tmp_path, holders)
