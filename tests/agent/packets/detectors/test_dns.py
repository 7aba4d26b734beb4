# SPDX-License-Identifier: Apache-2.0
import base64
import gzip
import random

import pytest

from giamsat_agent.packets.detectors.dns import (
    BELIEVED,
    NAMES,
    PATIENT,
    PATIENT_CARRIED,
    SHORT_NAMES,
    STRANGE,
    DnsNames,
)
from support.capture import CLIENT, DNS, DNSQR, DNSRR, IP, SERVER, TCP, UDP, IPv6, batches, classes, frame, pcap

RNG = random.Random(3)
ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
CONSONANTS = "bcdfghjklmnpqrstvwxz"
KEY_OF_A_CUSTOMER = "zq4k7w2xv9b5mhd3tr8cfg6npj"


@pytest.fixture(autouse=True)
def the_same_noise():
    """Whatever test came before."""
    RNG.seed(3)


def encoded(length):
    return "".join(RNG.choice(ALPHABET) for _ in range(length))


def asked(name, kind="A"):
    question = DNS(rd=1, qd=DNSQR(qname=name, qtype=kind))
    return frame(IP(src=CLIENT, dst=SERVER), UDP(sport=50_000, dport=53), question)


def missing(name):
    answer = DNS(qr=1, rcode=3, qd=DNSQR(qname=name))
    return frame(IP(src=SERVER, dst=CLIENT), UDP(sport=53, dport=50_000), answer)


@pytest.mark.parametrize("domain", ["tunnel.example", "ddns.gov.vn", ""])
def test_long_noise_below_one_domain_is_a_tunnel(tmp_path, domain):
    names = [f"{encoded(40)}.{encoded(30)}" + (f".{domain}" if domain else "7") for _ in range(NAMES)]

    assert classes(pcap(tmp_path / "x", [(number, asked(name)) for number, name in enumerate(names)])) == {
        ("dns_tunnel", CLIENT)
    }


def given(name, address):
    answer = DNS(qr=1, qd=DNSQR(qname=name), an=DNSRR(rrname=name, type="A", rdata=address))
    return frame(IP(src=SERVER, dst=CLIENT), UDP(sport=53, dport=50_000), answer)


@pytest.mark.parametrize(
    "name",
    [
        lambda: (
            f"internal-k8s-web-{RNG.getrandbits(40):010x}-{RNG.randrange(10**9)}.ap-southeast-1.elb.amazonaws.example"
        ),
        lambda: f"r3---sn-{encoded(8)}-{encoded(4)}.video.example",
        lambda: f"{RNG.getrandbits(32):08x}-1f3a-4c5b-9d7e-{RNG.getrandbits(48):012x}.mail.example",
    ],
    ids=["a cloud's", "a content network's", "with a number of its own"],
)
def test_long_names_that_are_made_of_words_and_numbers_are_none(tmp_path, name):
    assert classes(pcap(tmp_path / "x", [(number, asked(name())) for number in range(200)])) == set()


def test_checksums_that_are_asked_about_are_none_and_data_that_is_answered_otherwise_is(tmp_path):
    def looked_up(address, count, each=lambda: f"{RNG.getrandbits(224):056x}.av.example", every_s=1.0):
        return [
            (n * every_s + after, raw)
            for n, name in enumerate(each() for _ in range(count))
            for after, raw in ((0, asked(name)), (0.01, given(name, address)))
        ]

    assert classes(pcap(tmp_path / "x", looked_up("127.0.0.4", 200))) == set()
    assert classes(pcap(tmp_path / "y", looked_up("192.0.2.4", SHORT_NAMES))) == {("dns_tunnel", CLIENT)}
    # Data that is answered so is data all the same: it is longer, or there is more of it than anybody asks about.
    long = looked_up("127.0.0.1", NAMES, each=lambda: f"{encoded(60)}.t.example")
    assert classes(pcap(tmp_path / "z", long)) == {("dns_tunnel", CLIENT)}
    much = looked_up("127.0.0.1", BELIEVED + 2 * SHORT_NAMES, each=lambda: f"{encoded(32)}.t.example", every_s=0.2)
    assert classes(pcap(tmp_path / "a", much)) == {("dns_tunnel", CLIENT)}


def reached(names, *, quic=False, version=4):
    """Names that look like noise, the address of each, and what answers there."""
    frames = []
    for number, name in enumerate(names):
        if version == 4:
            answer, kind = given(name, f"192.0.2.{number + 1}"), "A"
            ends = IP(src=CLIENT, dst=f"192.0.2.{number + 1}")
        else:
            record = DNSRR(rrname=name, type="AAAA", rdata=f"2001:db8:9::{number + 1:x}")
            back, kind = IPv6(src="2001:db8::53", dst="2001:db8::5"), "AAAA"
            answer = frame(back, UDP(sport=53, dport=50_000), DNS(qr=1, qd=DNSQR(qname=name, qtype=kind), an=record))
            ends = IPv6(src="2001:db8::5", dst=f"2001:db8:9::{number + 1:x}")
        back = type(ends)(src=ends.dst, dst=ends.src)
        call = (UDP(sport=443, dport=50_001), b"\xc3" * 40) if quic else (TCP(sport=443, dport=50_001, flags="SA"),)
        asks = asked(name, kind)
        if version != 4:
            asks = frame(
                IPv6(src="2001:db8::5", dst="2001:db8::53"),
                UDP(sport=50_000, dport=53),
                DNS(rd=1, qd=DNSQR(qname=name, qtype=kind)),
            )
        frames += [(number, asks), (number + 0.02, answer), (number + 0.03, asks), (number + 0.05, frame(back, *call))]
    return frames


@pytest.mark.parametrize(("quic", "version"), [(False, 4), (True, 4), (False, 6)], ids=["TCP", "QUIC", "IPv6"])
def test_hosts_that_are_called_are_none_whatever_their_names_and_names_that_nobody_calls_are_a_tunnel(
    tmp_path, quic, version
):
    frames = reached([f"{encoded(40)}.ads.example" for _ in range(3 * NAMES)], quic=quic, version=version)
    uncalled = [one for number, one in enumerate(frames) if number % 4 != 3]

    assert "dns_tunnel" not in {name for name, _ in classes(pcap(tmp_path / "x", frames))}
    assert {name for name, _ in classes(pcap(tmp_path / "y", uncalled))} == {"dns_tunnel"}


@pytest.mark.parametrize(("count", "expected"), [(SHORT_NAMES, {("dns_tunnel", CLIENT)}), (SHORT_NAMES - 1, set())])
def test_short_noise_for_addresses_counts_less(tmp_path, count, expected):
    frames = [(number, asked(f"{RNG.getrandbits(128):032x}.count.example")) for number in range(count)]

    assert classes(pcap(tmp_path / "x", frames)) == expected


@pytest.mark.parametrize(("count", "expected"), [(STRANGE, {("dns_tunnel", CLIENT)}), (STRANGE - 1, set())])
def test_names_no_host_has_and_records_nothing_uses_are_told_sooner(tmp_path, count, expected):
    binary = [
        (number, asked(b"r\xfcad" + RNG.randbytes(30).replace(b".", b"x") + b".t.example")) for number in range(count)
    ]
    null = [(number, asked(f"{encoded(30)}.t.example", "NULL")) for number in range(count)]

    assert classes(pcap(tmp_path / "x", binary)) == expected
    assert classes(pcap(tmp_path / "y", null)) == expected


def in_base64(data):
    return base64.b64encode(data).decode().replace("/", "*")


@pytest.mark.parametrize(
    ("file", "encode"),
    [
        (gzip.compress(b"mat khau cua toi", mtime=0), in_base64),
        (gzip.compress(b"mat khau cua toi", mtime=0), bytes.hex),
        (b"PK\3\4\x14\0\0\0" + RNG.randbytes(22), in_base64),
        (b"%PDF-1.7\n" + RNG.randbytes(22), bytes.hex),
        (b"\x7fELF\2\1\1" + RNG.randbytes(22), in_base64),
    ],
)
def test_one_name_that_begins_as_a_file_does_is_enough(tmp_path, file, encode):
    assert classes(pcap(tmp_path / "x", [(0, asked(f"{encode(file)[:60]}.t.example"))])) == {("dns_tunnel", CLIENT)}
    assert classes(pcap(tmp_path / "y", [(0, asked(f"x{encode(file)[:60]}.t.example"))])) == set()


@pytest.mark.parametrize(
    "name",
    [
        lambda: f"{RNG.getrandbits(160):040x}.mail.blocked.example",
        lambda: f"{encoded(52)}.{KEY_OF_A_CUSTOMER}._email.blocked.example",
        lambda: f"{RNG.randrange(255)}.7.51.203.{KEY_OF_A_CUSTOMER}.zen.blocked.example",
        lambda: f"d{RNG.randrange(10**6)}.example.com.{KEY_OF_A_CUSTOMER}.domains.blocked.example",
    ],
    ids=["digests", "digests and a key", "addresses and a key", "domains and a key"],
)
def test_a_mail_server_that_asks_block_lists_all_day_is_none(tmp_path, name):
    frames = [(number * 600, raw) for number in range(2 * PATIENT) for raw in (asked(name()),)]

    assert classes(pcap(tmp_path / "x", frames)) == set()


def test_what_programs_against_malware_ask_of_those_who_know_is_none(tmp_path):
    for domain, told in (("s.sophosxl.net", set()), ("s.sophosxl.example", {("dns_tunnel", CLIENT)})):
        frames = [(number, asked(f"{encoded(26)}.{encoded(26)}.a.{domain}")) for number in range(3 * NAMES)]

        assert classes(pcap(tmp_path / "x", frames)) == told


def test_a_number_of_the_session_in_each_name_hides_no_tunnel(tmp_path):
    frames = [(number, asked(f"{encoded(40)}.{KEY_OF_A_CUSTOMER}.t.example")) for number in range(NAMES + 1)]

    assert classes(pcap(tmp_path / "x", frames)) == {("dns_tunnel", CLIENT)}


def test_memory_is_bounded_by_all_names_of_all_domains(tmp_path):
    frames = [(n, asked(f"{n:030}q{n:x}.d{n % 7}.example")) for n in range(200)]
    names = DnsNames()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("giamsat_agent.packets.detectors.dns.KEPT", 64)
        patch.setattr("giamsat_agent.packets.detectors.dns.ROOM", 48)
        for batch in batches(pcap(tmp_path / "x", frames), 50):
            list(names.take(batch))

    assert names.room.evicted >= 200 - 64


def test_the_same_long_name_again_and_again_is_none(tmp_path):
    name = f"{encoded(50)}.cdn.example"

    assert classes(pcap(tmp_path / "x", [(number, asked(name)) for number in range(100)])) == set()


def test_many_short_names_of_one_domain_are_none(tmp_path):
    frames = [(number, asked(f"tram-y-te-{number}.nghean.gov.vn")) for number in range(100)]

    assert classes(pcap(tmp_path / "x", frames)) == set()


def over_tcp(name, port):
    message = bytes(DNS(rd=1, qd=DNSQR(qname=name)))
    segment = len(message).to_bytes(2) + message
    return frame(IP(src=CLIENT, dst=SERVER), TCP(sport=port, dport=53, flags="PA"), segment)


def test_a_tunnel_over_tcp_is_one_too(tmp_path):
    frames = [(number, over_tcp(f"{encoded(50)}.t.example", 50_000)) for number in range(NAMES)]

    assert classes(pcap(tmp_path / "x", frames)) == {("dns_tunnel", CLIENT)}


def test_a_tunnel_that_takes_its_time_is_found_within_a_day(tmp_path):
    frames = [(number * 1_200, asked(f"{encoded(PATIENT_CARRIED)}.t.example")) for number in range(PATIENT)]

    assert classes(pcap(tmp_path / "x", frames)) == {("dns_tunnel", CLIENT)}


def test_addresses_looked_up_backwards_are_no_tunnel(tmp_path):
    names = [".".join(f"{RNG.getrandbits(128):032x}") + ".ip6.arpa" for _ in range(3 * NAMES)]

    assert classes(pcap(tmp_path / "x", [(number, asked(name)) for number, name in enumerate(names)])) == set()


def borne(name, kind, rdata):
    answer = DNS(qr=1, qd=DNSQR(qname=name, qtype=kind), an=DNSRR(rrname=name, type=kind, rdata=rdata))
    return frame(IP(src=SERVER, dst=CLIENT), UDP(sport=53, dport=50_000), answer)


@pytest.mark.parametrize("every_s", [1, 600], ids=["at once", "slowly"])
@pytest.mark.parametrize("kind", ["TXT", "NULL"])
def test_data_in_the_answers_to_ever_new_names_is_a_tunnel_however_short_these_are(tmp_path, kind, every_s):
    names = [f"p{number}.tunnel.example" for number in range(PATIENT)]
    frames = [(n * every_s, borne(name, kind, RNG.randbytes(30).hex().encode())) for n, name in enumerate(names)]

    assert classes(pcap(tmp_path / "x", frames)) == {("dns_tunnel", CLIENT)}


def test_answers_that_a_client_did_not_ask_for_are_none_of_its_doing(tmp_path):
    names = [f"p{number}.bank.example" for number in range(PATIENT)]
    answers = [(n + 1, borne(name, "TXT", RNG.randbytes(30).hex().encode())) for n, name in enumerate(names)]
    questions = [(n + 0.9, asked(name, "TXT")) for n, name in enumerate(names)]

    assert classes(pcap(tmp_path / "x", [(0, asked("bank.example")), *answers])) == set()
    assert classes(pcap(tmp_path / "y", sorted([*questions, *answers]))) == {("dns_tunnel", CLIENT)}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("_acme-challenge.site{0}.example.org", "{1}"),
        ("s{0}._domainkey.sender.example", "v=DKIM1; k=rsa; p={1}"),
        ("token{0}.dkim.sender.example", "p={1}"),
        ("{0}.7.51.203.lists.example", "https://check.lists.example/lookup/listing/ip/203.51.7.{0}"),
        ("mail.site{0}.example", "{1}"),
        ("s{0}.example.org", "v=spf1 include:_spf.mail.example.org include:_spf.other.example.org ~all"),
        ("same.example.org", "{1}"),
    ],
    ids=[
        "certificates",
        "keys of mail",
        "keys for others",
        "what is listed",
        "domains of many",
        "policies of mail",
        "one name",
    ],
)
def test_what_names_are_answered_with_in_earnest_is_none(tmp_path, name, text):
    frames = [
        (number, borne(name.format(number), "TXT", text.format(number, RNG.randbytes(30).hex()).encode()))
        for number in range(2 * PATIENT)
    ]

    assert classes(pcap(tmp_path / "x", frames)) == set()


@pytest.mark.parametrize("coded", [bytes.hex, lambda data: base64.b32encode(data).decode().rstrip("=")])
def test_text_in_names_is_a_tunnel_however_slow(tmp_path, coded):
    lines = [f"Cong van so {number:03}, nam 2027".encode() for number in range(STRANGE)]
    frames = [(number * 3_600, asked(f"{coded(line)}.{number}.tunnel.example")) for number, line in enumerate(lines)]

    assert classes(pcap(tmp_path / "x", frames)) == {("dns_tunnel", CLIENT)}
    assert classes(pcap(tmp_path / "y", frames[1:])) == set()
