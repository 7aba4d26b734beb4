# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_collector.coverage import seal
from giamsat_collector.errors import RefusedError, StartError
from support.full_disk import full_disk


def test_the_key_is_made_once_and_for_its_owner_only(tmp_path):
    path = tmp_path / "statement.key"

    first, second = seal.open_seal(path), seal.open_seal(path)

    assert first.public_pem == second.public_pem
    assert path.stat().st_mode & 0o777 == 0o600


def test_what_is_signed_is_these_bytes_by_this_key(tmp_path):
    ours, other = seal.open_seal(tmp_path / "a.key"), seal.open_seal(tmp_path / "b.key")
    signature = ours.sign(b"x")

    checks = [(ours, b"x"), (ours, b"y"), (other, b"x")]
    assert [seal.signed(seal.public_key(one.public_pem), data, signature) for one, data in checks] == [
        True,
        False,
        False,
    ]


def test_a_disk_that_was_full_leaves_no_key_behind_that_is_none(tmp_path):
    path = tmp_path / "statement.key"
    with full_disk(), pytest.raises(StartError):
        seal.open_seal(path)

    assert seal.open_seal(path).public_pem == seal.open_seal(path).public_pem


def test_a_file_that_a_power_cut_left_empty_holds_no_key_and_gets_one(tmp_path):
    path = tmp_path / "statement.key"
    path.write_bytes(b"")

    assert seal.open_seal(path).public_pem == seal.open_seal(path).public_pem


@pytest.mark.parametrize("data", [b"\n", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"])
def test_a_key_that_is_none_stops_the_start_with_what_to_do(tmp_path, data):
    (tmp_path / "statement.key").write_bytes(data)

    with pytest.raises(StartError, match="backup"):
        seal.open_seal(tmp_path / "statement.key")


def test_a_public_key_that_is_none_is_refused_with_where_to_get_it():
    with pytest.raises(RefusedError, match="statement key"):
        seal.public_key("nothing")
