# SPDX-License-Identifier: Apache-2.0
"""A device that answers SNMP v2c on a real socket as no device should.

It answers never, late, twice, with another id, without end, in circles, or with words that are meant to harm.
"""

import contextlib
import socket
import threading
import time

from giamsat_agent.devices import ber

GET, GET_NEXT, RESPONSE, GET_BULK = 0xA0, 0xA1, 0xA2, 0xA5
IF_DESCR = "1.3.6.1.2.1.2.2.1.2"
SYSTEM = {
    "1.3.6.1.2.1.1.1.0": b"\x1b[2J<script>alert(1)</script>\x00\xe2\x80\xae RouterOS",
    "1.3.6.1.2.1.1.2.0": "1.3.6.1.4.1.14988.1",
    "1.3.6.1.2.1.1.3.0": 4_200,
    "1.3.6.1.2.1.1.5.0": b'"}\n[[device]]',
}


@contextlib.contextmanager
def running(behaviour):
    """The port of a device that behaves so; see `Hostile`."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as here:
        here.bind(("127.0.0.1", 0))
        serving = threading.Thread(target=_serve, args=(here, behaviour))
        serving.start()
        try:
            yield here.getsockname()[1]
        finally:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
                last.sendto(b"stop", here.getsockname())
            serving.join()


def _serve(here, behaviour):
    while (received := here.recvfrom(65_535))[0] != b"stop":
        question, sender = received
        if behaviour == "silent":
            continue
        if behaviour == "late":
            time.sleep(0.3)
        here.sendto(_answer(question, behaviour), sender)
        if behaviour == "twice":
            here.sendto(_answer(question, behaviour), sender)


def _answer(question, behaviour):
    _, community, pdu = ber.elements(ber.element(question).content)
    number, _, many, bindings = ber.elements(pdu.content)
    asked = [ber.identifier(ber.element(one.content))[1:] for one in ber.elements(bindings.content)]
    if pdu.tag == GET:
        rows = [(oid, SYSTEM.get(oid)) for oid in asked]
    elif asked[0].startswith(IF_DESCR[:16]):
        rows = _rows(asked[0], ber.number(many) if pdu.tag == GET_BULK else 1, behaviour)
    else:
        rows = [("1.3.6.1.6.3.99.0", 1)]
    wrong = 7 if behaviour == "other id" else 0
    body = (
        _value(2, _number(ber.number(number) + wrong)) + _value(2, b"\0") * 2 + _value(0x30, b"".join(map(_row, rows)))
    )
    return _value(0x30, _value(2, b"\1") + _value(4, community.content) + _value(RESPONSE, body))


def _rows(asked, many, behaviour):
    if behaviour == "circle":
        return [(f"{IF_DESCR}.{number}", b"round") for number in (1, 2, 3)]
    if behaviour == "backwards":
        return [(f"{IF_DESCR}.{number}", b"back") for number in (9, 3, 5)] + [("1.3.6.1.6.3.99.0", 1)]
    last = int(asked.rpartition(".")[2]) if asked.startswith(f"{IF_DESCR}.") else 0
    if behaviour != "endless" and last >= 3:
        return [("1.3.6.1.6.3.99.0", 1)]
    return [(f"{IF_DESCR}.{last + step}", b"\x1b]0;x\x07\x00eth") for step in range(1, many + 1)]


def _row(row):
    oid, value = row
    name = _value(6, _identifier(oid))
    if value is None:
        return _value(0x30, name + _value(0x80, b""))
    if isinstance(value, int):
        return _value(0x30, name + _value(2, _number(value)))
    return _value(0x30, name + (_value(6, _identifier(value)) if isinstance(value, str) else _value(4, value)))


def _identifier(oid):
    first, second, *rest = map(int, oid.split("."))
    return bytes([40 * first + second]) + b"".join(map(_arc, rest))


def _arc(value):
    septets = [value & 0x7F]
    while value := value >> 7:
        septets.append(value & 0x7F | 0x80)
    return bytes(reversed(septets))


def _number(value):
    return value.to_bytes(value.bit_length() // 8 + 1, signed=True)


def _value(tag, content):
    size = len(content)
    return bytes([tag]) + (bytes([size]) if size < 0x80 else bytes([0x82, size >> 8, size & 0xFF])) + content
