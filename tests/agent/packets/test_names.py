# SPDX-License-Identifier: Apache-2.0
import pytest
from hypothesis import given
from hypothesis import strategies as st

from giamsat_agent.packets.names import NAME_BYTES, Question, answered, question
from support.capture import DNS, DNSQR, DNSRR


def message(name, **words):
    return bytes(DNS(qd=DNSQR(qname=name, qtype="TXT"), **words))


def test_a_question_is_read_with_its_kind():
    assert question(message("A.Example.COM")) == Question("a.example.com", 16, is_answer=False, code=0)


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


def test_the_addresses_of_an_answer_are_read():
    assert answered(answer()) == {bytes([192, 0, 2, 1])}


@given(st.integers(0, 80), st.binary(max_size=60))
def test_an_answer_that_was_cut_off_or_garbled_has_the_addresses_that_are_whole(cut, tail):
    assert answered(answer()[:cut]) <= {bytes([192, 0, 2, 1])}
    assert all(len(one) <= len(tail) for one in answered(answer()[:12] + tail))
