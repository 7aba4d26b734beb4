# SPDX-License-Identifier: Apache-2.0
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from giamsat_agent.packets.payloads.dns_message import NAME_BYTES, Question, borne, question, told
from giamsat_agent.packets.payloads.dns_message import given as given_addresses
from support.capture import DNS, DNSQR, DNSRR


def message(name, **words):
    return bytes(DNS(qd=DNSQR(qname=name, qtype="TXT"), **words))


def test_a_question_is_read_with_its_kind():
    assert question(message("A.Example.COM")) == Question("a.example.com", 16, is_answer=False, code=0)


def raw(*labels, after=b"\0\0\x10\0\1"):
    return bytes(4) + b"\0\1" + bytes(6) + b"".join(bytes([len(label)]) + label for label in labels) + after


@pytest.mark.parametrize(
    ("labels", "name"),
    [
        ([b"a\0b", b"vn"], "a\0b.vn"),
        ([b"\0", b"\0\0\0\0\0\0", b"vn"], "\0.\0\0\0\0\0\0.vn"),
        ([b"a" * 63] * 3 + [b"b" * 62], "a" * 63 + "." + "a" * 63 + "." + "a" * 63 + "." + "b" * 62),
    ],
    ids=["a zero within", "hardly anything else", "the longest"],
)
def test_a_name_is_read_whatever_it_is_made_of_and_what_follows_it(labels, name):
    for behind in (b"", b"\0" * 40, b"more" * 99):
        asked = question(raw(*labels) + behind)

        assert (asked.name, asked.kind) == (name, 16)


def test_a_name_is_refused_that_is_too_long_or_does_not_end():
    assert question(raw(*[b"a" * 63] * 3, b"b" * 63)) is None
    assert question(raw(b"www", b"vn", after=b"")) is None
    assert question(raw(b"www", b"vn", after=b"\0\0\x10")) is None


def test_an_answer_says_that_the_name_does_not_exist():
    found = question(message("x.example", qr=1, rcode=3))

    assert (found.is_answer, found.code) == (True, 3)


@pytest.mark.parametrize(
    ("name", "domain", "below"),
    [
        ("www.nghean.gov.vn", "nghean.gov.vn", "www"),
        ("a.b.example.com", "example.com", "a.b"),
        ("example.com", "example.com", ""),
        ("dnscat.0f1e2d3c", "", "dnscat.0f1e2d3c"),
        ("a.xn--p1ai", "a.xn--p1ai", ""),
    ],
)
def test_what_was_registered_is_told_from_what_stands_before_it(name, domain, below):
    asked = Question(name, 1, is_answer=False, code=0)

    assert (asked.domain, asked.below) == (domain, below)


@pytest.mark.parametrize("tail", [b"\xc0\x0c", b"\x40" + bytes(64), b"\x3fshort", b"\x3f" + b"a" * 63])
def test_pointers_and_labels_that_lead_nowhere_are_refused(tail):
    assert question(b"\x12\x34\x01\x00\x00\x01" + bytes(6) + tail) is None


def test_a_name_longer_than_there_can_be_is_refused():
    label = b"\x3f" + b"a" * 63

    assert question(b"\x12\x34\x01\x00\x00\x01" + bytes(6) + label * (NAME_BYTES // 64 + 1) + b"\0\0\x01\0\x01") is None


@given(st.binary(max_size=300))
def test_any_bytes_are_survived(content):
    found = question(content)

    assert found is None or len(found.name) <= NAME_BYTES


def answer():
    records = [DNSRR(rrname="a.example", type="CNAME", rdata="b.example"), DNSRR(rrname="b.example", rdata="192.0.2.1")]
    return bytes(DNS(qr=1, qd=DNSQR(qname="a.example"), an=records))


BORNE = ("b.example", bytes([192, 0, 2, 1]))


def test_the_addresses_of_an_answer_are_read_with_their_names():
    assert list(borne(answer())) == [BORNE]
    assert given_addresses(answer()) == {BORNE[1]}
    assert given_addresses(message("a.example", qr=1)) == set()


def test_a_name_that_points_back_is_followed_and_one_that_points_at_itself_is_not():
    record = struct.pack("!HHIH", 1, 1, 60, 4) + bytes([192, 0, 2, 1])
    head = b"\0\0\x84\0" + struct.pack("!HHHH", 0, 2, 0, 0) + b"\x01b\x07example\0" + record

    assert list(borne(head + b"\x01a\xc0\x0e" + record)) == [BORNE, ("a.example", BORNE[1])]
    assert list(borne(head + struct.pack("!H", 0xC000 | len(head)) + record)) == [BORNE, ("", BORNE[1])]


@given(st.integers(0, 80), st.binary(max_size=60))
def test_an_answer_that_was_cut_off_or_garbled_has_what_is_whole(cut, tail):
    assert set(borne(answer()[:cut])) <= {BORNE}
    assert all(len(address) <= len(tail) for _, address in borne(answer()[:12] + tail))


def test_what_the_first_record_says_is_taken_if_it_was_asked_for():
    record = DNSRR(rrname="x.example", type="TXT", rdata=b"hello")
    answer = message("x.example", qr=1, an=record)

    assert told(answer, 16) == b"\x05hello"
    assert told(answer, 1) == told(answer[:20], 16) == told(message("x.example", qr=1), 16) == b""
