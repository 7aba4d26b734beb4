# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.packets.payloads.kerberos import ASKS, GIVES, REFUSES, UNKNOWN, WRONG, Said, said
from support.tickets import asks, gives, refuses


def test_who_asks_and_why_it_is_refused_is_read():
    asked, refused = said(asks("binh")), said(refuses(UNKNOWN, "binh"))

    assert (asked.kind, refused.kind, refused.code) == (ASKS, REFUSES, UNKNOWN)
    assert asked.name == refused.name != said(asks("lan")).name
    assert said(refuses(WRONG)) == Said(REFUSES, WRONG)
    assert said(gives()) == Said(GIVES)


@pytest.mark.parametrize("message", [asks("binh"), refuses(UNKNOWN, "binh")], ids=["request", "error"])
def test_what_is_cut_short_or_damaged_is_no_message(message):
    assert said(b"") is None
    assert said(b"\x30" + message[1:]) is None
    for end in range(1, len(message)):
        assert said(message[:end]) is None
    for place in range(1, len(message)):
        said(message[:place] + b"\xff" + message[place + 1 :])
