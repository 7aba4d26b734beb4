# SPDX-License-Identifier: Apache-2.0
import json
import subprocess

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from giamsat_wire import emergency, emergency_key
from giamsat_wire.emergency import MAGIC, Statement
from giamsat_wire.errors import EmergencyError

KEYS = [Ed25519PrivateKey.generate() for _ in range(3)]
TRUSTED = [key.public_key() for key in KEYS]
SAID = Statement(1_764_428_400, (b"root", b"another"))
TEXT = emergency.written(SAID)


def signed(*keys, text=TEXT):
    return [key.sign(text) for key in keys]


@pytest.mark.parametrize("pair", [(0, 1), (0, 2), (2, 1), (0, 1, 2)])
def test_any_two_of_the_three_are_enough(pair):
    assert emergency.believed(TEXT, signed(*(KEYS[number] for number in pair)), TRUSTED) == SAID


@pytest.mark.parametrize(
    "signatures",
    [
        [],
        signed(KEYS[0]),
        signed(KEYS[0], KEYS[0]),
        signed(KEYS[0], Ed25519PrivateKey.generate()),
        [*signed(KEYS[0]), *signed(KEYS[1], text=TEXT + b" ")],
        [*signed(KEYS[0]), b""],
        signed(*KEYS) * 3,
    ],
)
def test_fewer_are_not(signatures):
    with pytest.raises(EmergencyError):
        emergency.believed(TEXT, signatures, TRUSTED)


def test_one_key_named_three_times_is_one():
    with pytest.raises(EmergencyError, match="1 of the 2"):
        emergency.believed(TEXT, signed(KEYS[0]), TRUSTED[:1] * 3)


def said(**changes):
    return MAGIC + json.dumps({"serial": 1, "roots": ["eA=="], **changes}).encode()


@pytest.mark.parametrize(
    "text",
    [
        b"",
        MAGIC,
        said(serial=True),
        said(serial=0),
        said(serial="1"),
        said(serial=1 << 63),
        said(roots=[]),
        said(roots=["?"]),
        said(roots=[7]),
        said(roots=["eA=="] * 5),
        said(roots={"a": 1}),
        said()[1:],
        said().removeprefix(MAGIC),
        MAGIC + b"[]",
        MAGIC + b"[" * 20_000,
        said() + b" " * emergency.BYTES,
    ],
)
def test_what_is_signed_and_says_something_else_is_refused(text):
    with pytest.raises(EmergencyError):
        emergency.believed(text, signed(*KEYS, text=text), TRUSTED)


@given(st.binary(max_size=200))
def test_bytes_of_nobody_are_not_read(text):
    with pytest.raises(EmergencyError, match="0 of the 2"):
        emergency.believed(text, [text[:64]], TRUSTED)


def test_a_holder_needs_openssl_alone(tmp_path):
    (tmp_path / "said").write_bytes(TEXT)
    for number in (1, 2):
        make = ["openssl", "genpkey", "-algorithm", "ed25519", "-out", f"{number}.pem"]
        show = ["openssl", "pkey", "-in", f"{number}.pem", "-pubout", "-out", f"{number}.pub"]
        sign = ["openssl", "pkeyutl", "-sign", "-rawin", "-inkey", f"{number}.pem", "-in", "said", "-out", f"{number}"]
        for words in (make, show, sign):
            subprocess.run(words, cwd=tmp_path, check=True, capture_output=True)
    points = emergency_key.points([(name, (tmp_path / f"{name}.pub").read_bytes()) for name in "12"])
    keys = [Ed25519PublicKey.from_public_bytes(point) for point in points]

    assert emergency.believed(TEXT, [(tmp_path / name).read_bytes() for name in "12"], keys) == SAID
