# SPDX-License-Identifier: Apache-2.0
from giamsat_agent.packets.telling.flow_event import event, size
from giamsat_agent.packets.telling.report import FLOW_LINES, MESSAGE_BYTES, FlowMinute, decode, encode
from giamsat_wire import flow, limits
from giamsat_wire.codec import encode_happenings
from giamsat_wire.flow import FlowRow

LINE = FlowRow(6, "2001:db8:1234:5678:9abc:def0:1234:5678", 50_000, "203.0.113.7", 443, *[1 << 40] * 4, 27, 1, 2).line()


def minute(count):
    return FlowMinute("eth0", 0, 60_000_000_000, (LINE,) * count, 7, 8, 9, 1)


def test_a_minute_is_an_event_whose_texts_hold_every_line():
    told = event(minute(200), wall_ns=5, mono_ns=5)
    lines = [line for text in told.fields["giamsat.flows.lines"] for line in text.split("\n")]

    assert (told.kind, lines, flow.read(lines[0]).source) == ("flow-summary", [LINE] * 200, LINE.split(",")[1])
    assert told.fields["giamsat.flows.seconds"] == 60
    assert [told.fields[f"giamsat.flows.rest.{name}"] for name in ("flows", "packets", "bytes")] == [7, 8, 9]
    assert all(len(text) < limits.TEXT_CHARACTERS for text in told.fields["giamsat.flows.lines"])
    assert size(minute(200)) == 200 * (len(LINE) + 1)


def test_the_largest_minute_fits_into_a_message_and_a_frame():
    largest = minute(FLOW_LINES)

    assert decode(encode(largest)) == largest
    assert len(encode(largest)) < MESSAGE_BYTES
    (encoded,) = encode_happenings([event(largest, wall_ns=5, mono_ns=5)])
    assert len(encoded.payload) < limits.FRAME_BYTES


def test_a_minute_without_flows_is_told_all_the_same():
    assert event(minute(0), wall_ns=5, mono_ns=5).fields["giamsat.flows.lines"] == ()
