# SPDX-License-Identifier: Apache-2.0
"""First datagrams of QUIC clients, protected as RFC 9001 says, with the hello of a real TLS client in them."""

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from giamsat_agent.packets.payloads.quic import Keys
from giamsat_agent.packets.payloads.quic_version import VERSIONS
from giamsat_agent.packets.quic_reassembly import LEAST
from support.capture import IP, UDP, frame


def number(value):
    """A number as QUIC writes it, in two bytes."""
    return (0x4000 | value).to_bytes(2)


def datagrams(hello, *, version=1, identifier=bytes(range(8)), most=900):
    """A handshake message cut into pieces, each in a datagram of its own, padded."""
    keys = Keys(VERSIONS[version], identifier)
    out = []
    for count, offset in enumerate(range(0, len(hello), most)):
        piece = hello[offset : offset + most]
        crypto = b"\x06" + number(offset) + number(len(piece)) + piece
        content = (b"\x01" + crypto).ljust(LEAST - 60, b"\0")
        head = bytes([0xC1 | VERSIONS[version].kind << 4]) + version.to_bytes(4)
        head += bytes([len(identifier)]) + identifier + b"\0" + b"\0"
        told = head + number(len(content) + 2 + 16) + count.to_bytes(2)
        nonce = (int.from_bytes(keys.vector) ^ count).to_bytes(12)
        sealed = AESGCM(keys.key).encrypt(nonce, content, told)
        mask = keys.mask(sealed[2:18])
        begins = len(told) - 2
        hidden = bytes(one ^ other for one, other in zip(told[begins:], mask[1:], strict=False))
        out.append((bytes([told[0] ^ mask[0] & 0x0F]) + told[1:begins] + hidden + sealed).ljust(LEAST, b"\0"))
    return out


def frames(client, server, said, *, port=443):
    """Datagrams as frames, one each millisecond."""
    ends = IP(src=client, dst=server)
    return [(at / 1_000, frame(ends, UDP(sport=50_000, dport=port), one)) for at, one in enumerate(said)]
