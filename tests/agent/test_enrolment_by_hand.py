# SPDX-License-Identifier: Apache-2.0
"""What stays on the host between request and answer; tests/collector/enrol/test_carried.py has both ends."""

import pytest

from giamsat_agent import enrolment_by_hand as by_hand
from giamsat_agent.enrolment import parse_token
from giamsat_agent.errors import IdentityError

SECRET = "s" * 26
TOKEN = f"gs1.{'a' * 12}.{SECRET}.{'a' * 32}"


def asked(state, token=TOKEN, nonce=bytes(12)):
    return by_hand.request(parse_token(token), state, nonce, hostname="h", machine_id="")


def test_neither_secret_nor_key_stands_in_the_request_and_the_keys_are_the_owners_alone(tmp_path):
    request = asked(tmp_path)
    kept = list((tmp_path / by_hand.FOLDER).iterdir())

    assert SECRET.encode() not in request
    assert b"PRIVATE" not in request
    assert {path.stat().st_mode & 0o077 for path in kept} == {0}
    assert not [path for path in kept if SECRET in path.read_text()]


def test_the_same_token_keeps_the_keys_and_another_makes_them_anew(tmp_path):
    asked(tmp_path)
    key = (tmp_path / by_hand.FOLDER / "tls.key").read_bytes()
    asked(tmp_path, nonce=b"another one!")
    same = (tmp_path / by_hand.FOLDER / "tls.key").read_bytes()
    asked(tmp_path, token=TOKEN.replace("a" * 12, "b" * 12))

    assert same == key
    assert (tmp_path / by_hand.FOLDER / "tls.key").read_bytes() != key


def test_a_folder_that_was_damaged_is_said(tmp_path):
    asked(tmp_path)
    (tmp_path / by_hand.FOLDER / "bound.key").unlink()

    with pytest.raises(IdentityError, match=r"cannot be read: .*begin anew: .*enrol --export"):
        asked(tmp_path)
