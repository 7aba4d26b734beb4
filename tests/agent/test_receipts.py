# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.errors import StateError
from giamsat_agent.receipts import Told, leave, taken
from giamsat_wire.lane import Lane

FIRST, SECOND = Told(lane=Lane.EVENT, epoch=5, seq=3), Told(lane=Lane.URGENT, epoch=5, seq=9)


def test_what_was_left_is_taken_once_and_in_order(tmp_path):
    leave(tmp_path, [SECOND], "2")
    leave(tmp_path, [FIRST], "1")

    assert taken(tmp_path) == [FIRST, SECOND]
    assert taken(tmp_path) == []


def test_what_cannot_be_read_keeps_nothing_else_from_being_taken(tmp_path):
    leave(tmp_path, [FIRST], "2")
    (tmp_path / "receipts" / "1.json").write_text('[{"lane": 9, "epoch": 1, "seq": 1}]')
    (tmp_path / "receipts" / "0.json").write_bytes(b"\xff")
    (tmp_path / "receipts" / "00.json").mkdir()

    assert taken(tmp_path) == [FIRST]
    (tmp_path / "receipts" / "00.json").rmdir()
    assert not list((tmp_path / "receipts").iterdir())


def test_without_a_folder_there_is_nothing(tmp_path):
    assert taken(tmp_path / "none") == []


def test_a_state_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(StateError, match=r"cannot be written.*agent's user"):
        leave(tmp_path / "none", [FIRST], "1")
