# SPDX-License-Identifier: Apache-2.0
"""Messages of Kerberos (RFC 4120) as far as a test needs them: who asks for a ticket, and what the server says."""


def _der(tag, content):
    size = len(content)
    return bytes([tag]) + (bytes([size]) if size < 0x80 else b"\x82" + size.to_bytes(2)) + content


def _number(value):
    return _der(0x02, bytes([value]))


def _text(value):
    return _der(0x1B, value.encode())


def _name(user):
    return _der(0x30, _der(0xA0, _number(1)) + _der(0xA1, _der(0x30, _text(user))))


def asks(user):
    """A request for a ticket."""
    body = _der(0xA0, _der(0x03, bytes(5))) + _der(0xA1, _name(user)) + _der(0xA2, _text("EXAMPLE.ORG"))
    fields = _der(0xA1, _number(5)) + _der(0xA2, _number(10)) + _der(0xA4, _der(0x30, body))
    return _der(0x6A, _der(0x30, fields))


def gives():
    """A ticket."""
    return _der(0x6B, _der(0x30, _der(0xA0, _number(5)) + _der(0xA1, _number(11))))


def refuses(code, user=None):
    """An error; some servers say whose."""
    fields = _der(0xA0, _number(5)) + _der(0xA1, _number(30)) + _der(0xA4, _der(0x18, b"20270115080000Z"))
    fields += _der(0xA5, _number(7)) + _der(0xA6, _number(code))
    if user is not None:
        fields += _der(0xA7, _text("EXAMPLE.ORG")) + _der(0xA8, _name(user))
    return _der(0x7E, _der(0x30, fields + _der(0xA9, _text("EXAMPLE.ORG")) + _der(0xAA, _name("krbtgt"))))
