# SPDX-License-Identifier: Apache-2.0
"""What OpenSSH's ends say to each other, by the lengths of it (RFC 4253). True: the client says it."""

KEYS = (
    (False, b"SSH-2.0-OpenSSH_9.2\r\n"),
    (True, b"SSH-2.0-x\r\n"),
    (True, b"\0\0\x03\xfc\x06\x14" + bytes(1_082)),
    (False, b"\0\0\x04\x3c\x09\x14" + bytes(1_082)),
    (True, b"\0\0\0\x2c\x06\x1e" + bytes(42)),
    (False, b"\0\0\0\xbc\x0b\x1f" + bytes(202)),
    (True, b"\0\0\0\x0c\x0a\x15" + bytes(10)),
    (True, b"\x8f" * 44),
    (False, b"\x8f" * 44),
)
"""What both ends say until the client may log in; then it says so, and is refused, or let in."""
