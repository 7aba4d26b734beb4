# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_collector.enrol.carrier import open_carrier
from giamsat_collector.errors import StartError
from giamsat_wire.clock import SystemClock
from support.authority import open_authority


@pytest.fixture
def authority(tmp_path):
    return open_authority(tmp_path / "ca", SystemClock())


async def test_the_key_is_the_same_at_every_start_and_its_file_is_the_owners_alone(tmp_path, authority):
    first = await open_carrier(tmp_path, authority.signer)
    again = await open_carrier(tmp_path, authority.signer)

    assert again.chain == first.chain
    assert again.key.public_key() == first.chain[0].public_key()
    assert (tmp_path / "carrier.key").stat().st_mode & 0o777 == 0o600
    first.chain[1].verify_directly_issued_by(authority.root)


async def test_the_key_of_an_earlier_version_is_taken_out_of_the_authoritys_folder(tmp_path, authority):
    before = await open_carrier(tmp_path, authority.signer)
    for name in ("carrier.key", "carrier.pem"):
        (tmp_path / name).rename(tmp_path / "ca" / name)

    after = await open_carrier(tmp_path, authority.signer)

    assert (after.key.private_numbers(), after.chain) == (before.key.private_numbers(), before.chain)
    assert not list((tmp_path / "ca").glob("carrier*"))


async def test_once_its_root_is_retired_the_key_is_certified_below_the_new_one(tmp_path, authority):
    carrier = await open_carrier(tmp_path, authority.signer)
    old = carrier.chain

    authority.keys.rotate()
    await authority.signer.look()
    await carrier.follow(authority.signer)
    during = carrier.chain
    authority.keys.retire()
    await authority.signer.look()
    await carrier.follow(authority.signer)

    assert during == old
    carrier.chain[1].verify_directly_issued_by(authority.root)
    assert carrier.chain[0].public_key() == old[0].public_key()


async def test_a_damaged_key_stops_the_start_and_says_what_is_lost_with_it(tmp_path, authority):
    (tmp_path / "carrier.key").write_bytes(b"garbage")

    with pytest.raises(StartError, match="restore it from the backup"):
        await open_carrier(tmp_path, authority.signer)
