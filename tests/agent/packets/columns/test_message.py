# SPDX-License-Identifier: Apache-2.0
from giamsat_agent.packets.columns.message import TCP, messages

ASKED = b"\0\7\1\0\0\1\0\0\0\0\0\0\3www\5hanoi\2vn\0\0\1\0\1"
UDP = 17


def read(content, *, payload=None, protocol=UDP):
    size = len(content)
    row = (3, 2, size, size if payload is None else payload, 100, 9, 1, 2, 5_353, 53, protocol)
    return list(messages(memoryview(b"\xff\xff" + content + b"\xff"), [row]))


def test_a_message_is_read_where_its_payload_begins_with_what_is_known_of_its_frame():
    (message,) = read(ASKED)

    assert (message.question.name, message.content) == ("www.hanoi.vn", ASKED)
    assert (message.place, message.at_ns, message.number, message.source, message.destination) == (3, 100, 9, 1, 2)
    assert (message.source_port, message.destination_port, message.protocol) == (5_353, 53, UDP)


def test_a_segment_is_a_message_behind_its_length_if_that_is_the_segments_own():
    framed = len(ASKED).to_bytes(2) + ASKED

    assert [one.content for one in read(framed, protocol=TCP)] == [ASKED]
    assert read(framed, payload=len(framed) + 1, protocol=TCP) == []
    assert read(ASKED, protocol=TCP) == []


def test_what_has_no_question_that_can_be_read_is_none():
    assert read(ASKED[:20]) == []
    assert read(b"") == []
