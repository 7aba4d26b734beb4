# SPDX-License-Identifier: Apache-2.0
import base64
import random

import pytest

from giamsat_agent.packets.payloads.encoded_text import holds_data, reads

RNG = random.Random(9)


def base32(data):
    return base64.b32encode(data).decode().lower().rstrip("=")


@pytest.mark.parametrize("text", [b"So cong van 12", b"Nguyen Van Binh, 1980", "Kế hoạch năm 2027".encode()[2:-1]])
def test_text_in_the_letters_of_names_is_read(text):
    assert reads(text.hex())
    assert reads(f"17.{text.hex()}.x")
    assert reads(base32(text))


def test_noise_is_not_read():
    noise = [RNG.randbytes(15) for _ in range(2_000)]

    assert sum(reads(data.hex()) for data in noise) <= 2
    assert sum(reads(base32(data)) for data in noise) <= 2


@pytest.mark.parametrize(
    "name", ["www.mail", "a" * 40, "0" * 40, "internationalcooperation", "20270115093000123456", ""]
)
def test_names_of_hosts_are_not_read(name):
    assert not reads(name)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (b"\x20" + RNG.randbytes(16).hex().encode(), True),
        (bytes(range(200, 240)), True),
        (b"\x28v=spf1 include:mail.example.org ~all more", False),
        (b"\x1c23028 | 192.0.2.0/24 | VN |  ", False),
        (b"\x05hello", False),
        (b"", False),
    ],
    ids=["hexadecimal digits", "bytes", "a policy of mail", "a record of words", "short", "nothing"],
)
def test_data_in_an_answer_is_noise_and_no_words(told, expected):
    assert holds_data(told) is expected
