# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace

from giamsat_agent.packets.payloads.handshake import ClientGreeting
from giamsat_agent.packets.payloads.ja4 import Carrier
from giamsat_agent.packets.payloads.tls import Hello


def test_a_fingerprint_says_what_carried_the_hello():
    greeting = ClientGreeting((1, 2, 40_000, 443), 5, 7, Hello((0x0304,), (0x1301,), (0, 43)))

    assert greeting.ja4.startswith("t13d010200_")
    assert replace(greeting, carrier=Carrier.QUIC).ja4 == "q" + greeting.ja4[1:]
