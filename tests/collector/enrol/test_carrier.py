# SPDX-License-Identifier: Apache-2.0
from giamsat_collector.enrol.authority import open_authority
from giamsat_wire.clock import SystemClock


def test_the_key_is_the_same_at_every_start_and_its_file_is_the_owners_alone(tmp_path):
    first = open_authority(tmp_path / "ca", SystemClock()).carrier
    again = open_authority(tmp_path / "ca", SystemClock()).carrier

    assert again.chain == first.chain
    assert again.key.public_key() == first.chain[0].public_key()
    assert (tmp_path / "ca" / "carrier.key").stat().st_mode & 0o777 == 0o600


def test_an_authority_of_an_earlier_version_gets_one_and_keeps_its_root(tmp_path):
    before = open_authority(tmp_path / "ca", SystemClock())
    (tmp_path / "ca" / "carrier.pem").unlink()

    after = open_authority(tmp_path / "ca", SystemClock())

    assert after.root == before.root
    assert after.carrier.chain[0].public_key() == before.carrier.key.public_key()
