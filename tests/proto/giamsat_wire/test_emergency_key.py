# SPDX-License-Identifier: Apache-2.0
import pytest
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, x25519
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from hypothesis import given
from hypothesis import strategies as st

from giamsat_wire import emergency_key
from giamsat_wire.errors import EmergencyError
from support.emergency_keys import PEM, SPKI

UNKNOWN = b"-----BEGIN PUBLIC KEY-----\nMAswBQYDKgMEAwIAAQ==\n-----END PUBLIC KEY-----\n"
"""Of an algorithm (OID 1.2.3.4) nobody has implemented."""


def pem(key):
    return key.public_key().public_bytes(PEM, SPKI)


OWN = pem(Ed25519PrivateKey.from_private_bytes(bytes(range(32))))


def test_the_keys_of_three_files_are_read_as_a_library_reads_them():
    keys = [Ed25519PrivateKey.generate() for _ in range(3)]

    read = emergency_key.points([(str(number), pem(key)) for number, key in enumerate(keys)])

    assert read == tuple(key.public_key().public_bytes_raw() for key in keys)


@pytest.mark.parametrize("other", [OWN, b"# An's\n" + OWN, OWN.replace(b"\n", b"\r\n")])
def test_one_key_in_two_files_is_refused_with_the_names_of_both(other):
    with pytest.raises(EmergencyError, match=r"1\.pub, 2\.pub: the same"):
        emergency_key.points([("1.pub", OWN), ("2.pub", other)])


@pytest.mark.parametrize(
    "text",
    [
        *(b"", b"\xff", UNKNOWN, OWN[:-20], OWN.replace(b"PUBLIC", b"PRIVATE"), OWN.replace(b"M", b"=", 1)),
        pem(ec.derive_private_key(7, ec.SECP256R1())),
        pem(x25519.X25519PrivateKey.from_private_bytes(bytes(32))),
        b" " * emergency_key.PEM_BYTES + OWN,
    ],
)
def test_what_is_no_such_key_is_refused_by_the_name_of_its_file(text):
    with pytest.raises(EmergencyError, match=r"e1\.pub: .*Ed25519"):
        emergency_key.points([("e1.pub", text)])


@given(st.integers(0, len(OWN) - 1), st.integers(0, 255))
def test_what_is_read_of_a_damaged_file_is_what_a_library_reads(place, value):
    damaged = OWN[:place] + bytes([value]) + OWN[place + 1 :]
    try:
        (read,) = emergency_key.points([("1.pub", damaged)])
    except EmergencyError:
        return
    try:
        other = load_pem_public_key(damaged)
    except (ValueError, UnsupportedAlgorithm):
        return

    assert isinstance(other, Ed25519PublicKey)
    assert other.public_bytes_raw() == read
