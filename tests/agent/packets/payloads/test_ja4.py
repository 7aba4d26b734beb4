# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.packets.payloads.ja4 import Carrier, ja4
from giamsat_agent.packets.payloads.tls import Hello

CIPHERS = "1301,1302,1303,c02b,c02f,c02c,c030,cca9,cca8,c013,c014,009c,009d,002f,0035"
SIGNATURES = "0403,0804,0401,0503,0805,0501,0806,0601"


def numbers(text):
    return tuple(int(one, 16) for one in text.split(",") if one)


def hello(extensions, *, ciphers=CIPHERS, signatures=SIGNATURES, protocols=(b"h2", b"http/1.1"), versions=(0x0304,)):
    return Hello(versions, numbers(ciphers), numbers(extensions), numbers(signatures), protocols)


@pytest.mark.parametrize(
    ("extensions", "published"),
    [
        # The example of FoxIO's own description, and what Chrome 143 sends as two sites that show fingerprints tell it.
        (
            "001b,0000,0033,0010,4469,0017,002d,000d,0005,0023,0012,002b,ff01,000b,000a,0015",
            "t13d1516h2_8daaf6152771_e5627efa2ab1",
        ),
        (
            "002d,0033,0010,fe0d,0017,44cd,0000,000b,000a,002b,ff01,0023,0012,0005,000d,001b",
            "t13d1516h2_8daaf6152771_d8a2da3f94cd",
        ),
    ],
)
def test_the_fingerprint_is_the_published_one_whatever_the_order(extensions, published):
    assert ja4(hello(extensions)) == published
    shuffled = ",".join(reversed(extensions.split(",")))
    assert ja4(hello(shuffled, ciphers=",".join(reversed(CIPHERS.split(","))))) == published


@pytest.mark.parametrize(
    ("protocols", "ends"),
    [((), "00"), ((b"",), "00"), ((b"http/1.1",), "h1"), ((b"h",), "hh"), ((b"\xab",), "ab"), ((b"\x30\xab",), "3b")],
)
def test_protocols_are_told_by_the_ends_of_the_first(protocols, ends):
    assert ja4(hello("002b", protocols=protocols)).split("_")[0] == f"t13i1501{ends}"


def test_what_is_lacking_is_told_as_such():
    assert ja4(Hello((0x0301,), ())) == "t10i000000_000000000000_000000000000"
    assert ja4(hello("0000", signatures=""), Carrier.QUIC) == "q13d1501h2_8daaf6152771_000000000000"
    assert ja4(Hello((0x7A7F,), tuple(range(200)))).startswith("t00i9900")
