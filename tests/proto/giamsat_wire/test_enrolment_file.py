# SPDX-License-Identifier: Apache-2.0
import pytest
from hypothesis import given
from hypothesis import strategies as st

from giamsat_wire.enrolment_file import (
    ANSWER,
    FILE_BYTES,
    REQUEST,
    answered,
    asked,
    opened,
    sealed,
    secret_sha256,
    token_of,
)
from giamsat_wire.parcel import ParcelError

KNOWN = secret_sha256("s" * 26)
TOKEN = "aaaaaaaaaaaa"
FILE = sealed(REQUEST, TOKEN, KNOWN, b"message", bytes(12))


@given(st.binary(max_size=4_096), st.binary(min_size=12, max_size=12))
def test_what_is_sealed_is_opened_by_who_knows_the_secret(message, nonce):
    file = sealed(ANSWER, TOKEN, KNOWN, message, nonce)

    assert token_of(ANSWER, file) == TOKEN
    assert opened(ANSWER, file, KNOWN) == message


@given(st.integers(0, len(FILE) - 1), st.integers(1, 255))
def test_a_changed_byte_anywhere_is_found(at, by):
    changed = bytearray(FILE)
    changed[at] ^= by

    with pytest.raises(ParcelError):
        opened(REQUEST, bytes(changed), KNOWN)


@pytest.mark.parametrize(
    "file",
    [b"", b"words", FILE[:-1], FILE[:30], FILE + b"x", REQUEST, bytes(FILE_BYTES + 1), REQUEST + bytes(FILE_BYTES)],
)
def test_whatever_else_comes_is_refused(file):
    with pytest.raises(ParcelError):
        opened(REQUEST, file, KNOWN)


def test_neither_another_token_nor_the_other_kind_of_file_opens_it():
    with pytest.raises(ParcelError, match="mistyped"):
        opened(REQUEST, FILE, secret_sha256("t" * 26))
    with pytest.raises(ParcelError, match="not an enrolment answer"):
        opened(ANSWER, FILE, KNOWN)
    with pytest.raises(ParcelError):
        opened(ANSWER, FILE.replace(REQUEST, ANSWER), KNOWN)


@pytest.mark.parametrize(("read", "kind"), [(asked, REQUEST), (answered, ANSWER)])
def test_what_is_sealed_right_and_is_no_message_is_refused(read, kind):
    with pytest.raises(ParcelError, match="does not hold"):
        read(sealed(kind, TOKEN, KNOWN, b"\xff\xff", bytes(12)), KNOWN)
