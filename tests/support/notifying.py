# SPDX-License-Identifier: Apache-2.0
"""SNMP notifications made byte by byte, so that they can also be wrong."""


def coded(tag, content):
    size = len(content)
    return bytes([tag, size] if size < 128 else [tag, 0x82, size >> 8, size & 255]) + content


def oid(*arcs):
    out = b""
    for arc in (arcs[0] * 40 + arcs[1], *arcs[2:]):
        piece = [arc & 0x7F]
        while arc := arc >> 7:
            piece.insert(0, arc & 0x7F | 0x80)
        out += bytes(piece)
    return coded(6, out)


def integer(value):
    return coded(2, bytes([value]))


LINK_DOWN = (1, 3, 6, 1, 6, 3, 1, 1, 5, 3)
IF_NAME = (1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 1, 7)


def version_2(tag=0xA7, name=LINK_DOWN, more=b"", version=1):
    variables = coded(0x30, oid(1, 3, 6, 1, 2, 1, 1, 3, 0) + coded(0x43, b"\x09"))
    variables += coded(0x30, oid(1, 3, 6, 1, 6, 3, 1, 1, 4, 1, 0) + oid(*name)) + more
    pdu = coded(tag, integer(7) + integer(0) + integer(0) + coded(0x30, variables))
    return coded(0x30, integer(version) + coded(4, b"public") + pdu)


def version_1(generic, specific=0):
    parts = oid(1, 3, 6, 1, 4, 1, 9) + coded(0x40, bytes([192, 0, 2, 7])) + integer(generic) + integer(specific)
    pdu = coded(0xA4, parts + coded(0x43, b"\x09") + coded(0x30, b""))
    return coded(0x30, integer(0) + coded(4, b"public") + pdu)
