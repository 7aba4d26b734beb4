# SPDX-License-Identifier: Apache-2.0
import pytest
from hypothesis import given
from hypothesis import strategies as st

from giamsat_agent.log import LINE_BYTES
from giamsat_agent.logs.syslog_frames import MESSAGE_BYTES, FramingError, SyslogFrames

MESSAGE = st.binary(min_size=1, max_size=40)
PLAIN = st.from_regex(rb"<[0-9]{1,3}>[ -~]{1,30}", fullmatch=True)


def fed(stream, cuts=()):
    frames = SyslogFrames()
    found = []
    ends = sorted({min(cut, len(stream)) for cut in cuts} | {len(stream)})
    for start, end in zip([0, *ends], ends, strict=False):
        found += frames.feed(stream[start:end])
    return found, frames.rest()


@given(messages=st.lists(MESSAGE, max_size=6), cuts=st.lists(st.integers(0, 300), max_size=6))
def test_counted_messages_come_whole_however_the_stream_is_cut(messages, cuts):
    stream = b"".join(b"%d %s" % (len(message), message) for message in messages)

    assert fed(stream, cuts) == (messages, b"")


@given(messages=st.lists(PLAIN, max_size=6), cuts=st.lists(st.integers(0, 300), max_size=6))
def test_lines_come_whole_however_the_stream_is_cut(messages, cuts):
    assert fed(b"".join(message + b"\n" for message in messages), cuts)[0] == messages


def test_both_framings_may_share_a_stream():
    assert fed(b"5 <1>ab<2>cd\r\n\n4 <3>e")[0] == [b"<1>ab", b"<2>cd", b"<3>e"]


def test_what_has_no_end_is_the_rest():
    assert fed(b"<1>a\n<2>b") == ([b"<1>a"], b"<2>b")


def test_a_long_message_is_cut():
    assert len(fed(b"%d " % (2 * LINE_BYTES) + b"x" * 2 * LINE_BYTES)[0][0]) == LINE_BYTES


@pytest.mark.parametrize("stream", [b"9999999 x", b"%d x" % (MESSAGE_BYTES + 1), b"<1>" + b"x" * (MESSAGE_BYTES + 1)])
def test_a_stream_that_cannot_be_followed_is_refused(stream):
    with pytest.raises(FramingError):
        fed(stream)
