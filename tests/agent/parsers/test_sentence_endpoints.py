# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.parsers.sentence_endpoints import decided, of_text

ENDS = ("203.0.113.9", "10.1.0.5")


@pytest.mark.parametrize(
    ("text", "ports"),
    [
        ("Dropped UDP DNS request from outside:203.0.113.9/4711 to dmz:10.1.0.5/53; label too long", (4711, 53)),
        ("UDP flow from a-b_c:203.0.113.9/4711 to outside:10.1.0.5/53 is dropped because", (4711, 53)),
        ("Deny inbound protocol 17 src outside:203.0.113.9 dst inside:10.1.0.5", (None, None)),
        ("Discard IP fragment set:  src = 203.0.113.9, dest = 10.1.0.5, proto = UDP, id = 3", (None, None)),
        ("Bad TCP hdr length (hdrlen=4) from 203.0.113.9/1 to 10.1.0.5/443, flags: X", (1, 443)),
        ("udp connection limit exceeded from 203.0.113.9(7) to inside:10.1.0.5(22)", (7, 22)),
    ],
)
def test_a_denied_connection_between_two_ends(text, ports):
    meaning = of_text(text)
    said = meaning.fields
    assert meaning.kind == "connection-denied"
    assert said["event.outcome"] == "failure"
    assert (said["source.ip"], said["destination.ip"]) == ENDS
    assert (said.get("source.port"), said.get("destination.port")) == ports
    assert said["network.transport"] in {"udp", "tcp"}


def test_zones_stand_before_addresses_of_both_families():
    said = of_text("Deny tcp src outside:2001:db8::9/40 dst in.side:2001:db8:1::5/22").fields
    assert said["observer.ingress.zone"] == "outside"
    assert said["observer.egress.zone"] == "in.side"
    assert said["source.ip"] == "2001:db8::9"
    assert said["destination.ip"] == "2001:db8:1::5"
    assert (said["source.port"], said["destination.port"]) == (40, 22)


def test_two_ends_without_a_decision_are_known_by_their_addresses():
    meaning = of_text("Connection moved from 203.0.113.9/80 to 10.1.0.5/81")
    assert meaning.kind == "log-message"
    assert meaning.fields["source.port"] == 80


def test_one_end_decides_nothing():
    meaning = of_text("Denied ARP response from 203.0.113.9/202d.07fc.5c1a on interface inside")
    assert meaning.kind == "log-message"
    assert meaning.fields == {"source.ip": "203.0.113.9"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Deny everything",
        "Deny tcp from 203.0.113.9 to 10.1.0.5 from 203.0.113.7 to 10.1.0.6",
        "User 'from 203.0.113.9 to 10.1.0.5 dropped' was seen",
        'Object "dropped from 203.0.113.9" changed',
        "dropped from 999.1.1.1 to 10.1.0.5",
        "moved from 1.2.3 to 1.2.4",
    ],
)
def test_what_names_no_end_or_two_says_nothing(text):
    assert of_text(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "search for a word: port scan detected from 203.0.113.9",
        "he said 'port scan detected' from 203.0.113.9",
        "port scan detection enabled from 203.0.113.9",
        "port scan detected",
        "session from 203.0.113.9 to 192.0.2.5 opened",
    ],
)
def test_a_sentence_that_names_no_attack_at_its_head_or_no_source_is_no_attack(text):
    assert decided(text) is None


@pytest.mark.parametrize("text", ["Port scan detected from 203.0.113.9", "ALERT: possible ICMP flood from 203.0.113.9"])
def test_a_sentence_that_names_an_attack_at_its_head_is_one(text):
    assert (decided(text).kind, decided(text).fields["source.ip"]) == ("intrusion-detected", "203.0.113.9")
