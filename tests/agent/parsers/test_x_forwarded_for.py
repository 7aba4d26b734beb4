# SPDX-License-Identifier: Apache-2.0
from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st

from giamsat_agent.parsers.recognizer import Recognizer
from giamsat_agent.parsers.x_forwarded_for import CLAIM, HOPS_MOST, Proxies

DECLARED = Proxies(["10.0.0.0/8", "2001:db8:1::/48", "192.0.2.7"])
NGINX = '{peer} - - [23/Nov/2026:16:00:00 +0000] "GET /a HTTP/1.1" 404 5 "-" "curl/8" "{header}"'
APACHE = '{header} {peer} - - [23/Nov/2026:16:00:00 +0000] "GET /a HTTP/1.1" 404 5 "-" "curl/8"'
IIS = "2026-11-23 16:00:00 192.0.2.80 GET /a - 443 - {peer} curl/8 - 404 0 0 15 {header}"
JSON = '{{"remote_addr":"{peer}","request_method":"GET","uri":"/a","status":"404","http_x_forwarded_for":"{header}"}}'


def resolved(peer, header, proxies=DECLARED):
    fields = {"source.ip": peer, "source.port": 5, CLAIM: header}
    proxies.resolve(fields)
    return fields.get("source.ip"), fields.get("source.port"), fields.get(CLAIM)


def read(line, proxies):
    (found,) = Recognizer(zone=UTC, origin={}, proxies=proxies).recognize(line.encode(), key=b"", now_ns=0, mono_ns=1)
    return found.event.fields["source.ip"], found.event.fields.get(CLAIM)


@pytest.mark.parametrize(
    ("peer", "header", "client", "claim"),
    [
        ("10.0.0.5", "203.0.113.9", "203.0.113.9", None),
        ("10.0.0.5", "203.0.113.9, 10.0.0.6", "203.0.113.9", None),
        ("10.0.0.5", "198.51.100.1, 203.0.113.9", "203.0.113.9", "198.51.100.1"),
        ("10.0.0.5", "198.51.100.1,+203.0.113.9:50000", "203.0.113.9", "198.51.100.1"),
        ("192.0.2.7", "[2001:db8::9]:443", "2001:db8::9", None),
        ("2001:db8:1::5", "2001:DB8:0::9", "2001:db8::9", None),
        ("10.0.0.5", "10.0.0.6", "10.0.0.6", None),
    ],
)
def test_the_client_is_whom_the_last_declared_proxy_names(peer, header, client, claim):
    assert resolved(peer, header) == (client, None, claim)


@pytest.mark.parametrize(
    ("peer", "header", "claim"),
    [
        ("198.51.100.7", "203.0.113.9", "203.0.113.9"),
        ("198.51.100.7", "203.0.113.9, 10.0.0.5", "203.0.113.9"),
        ("10.0.0.5", "203.0.113.9, unknown", "203.0.113.9"),
        ("10.0.0.5", "-", None),
        ("10.0.0.5", "<script>", None),
        ("10.0.0.5", "", None),
    ],
)
def test_where_no_declared_proxy_names_anybody_the_peer_stays_with_its_port(peer, header, claim):
    assert resolved(peer, header) == (peer, 5, claim)


def test_without_a_peer_the_header_says_nothing_of_the_source():
    fields = {CLAIM: "203.0.113.9"}

    DECLARED.resolve(fields)

    assert fields == {CLAIM: "203.0.113.9"}


@given(
    peer=st.ip_addresses().map(str).filter(lambda each: not each.startswith(("10.", "192.0.2.7", "2001:db8:1:"))),
    header=st.lists(st.ip_addresses().map(str) | st.text(max_size=8), max_size=6).map(", ".join),
)
def test_no_header_moves_a_peer_that_is_not_declared(peer, header):
    assert resolved(peer, header)[:2] == (peer, 5)


def test_a_header_of_any_length_costs_a_bounded_number_of_addresses():
    header = "203.0.113.9" + ", 10.0.0.6" * (HOPS_MOST + 1)

    assert resolved("10.0.0.5", header) == ("10.0.0.6", None, None)


@pytest.mark.parametrize("form", [NGINX, APACHE, IIS, JSON], ids=["nginx", "apache", "iis", "json"])
def test_in_every_form_of_log_only_a_declared_proxy_is_believed(form):
    behind = form.format(peer="10.0.0.5", header="203.0.113.9")
    forged = form.format(peer="198.51.100.7", header="203.0.113.9")

    assert read(behind, DECLARED) == ("203.0.113.9", None)
    assert read(behind, Proxies()) == ("10.0.0.5", "203.0.113.9")
    assert read(forged, DECLARED) == ("198.51.100.7", "203.0.113.9")


def test_a_list_without_a_peer_ends_with_whoever_asked_the_server_nearest_to_the_log():
    line = '198.51.100.1, 203.0.113.9 - - [23/Nov/2026:16:00:00 +0000] "GET /a HTTP/1.1" 404 5'

    assert read(line, Proxies()) == ("203.0.113.9", "198.51.100.1")


def test_words_in_the_header_do_not_hide_the_peer():
    line = APACHE.format(peer="198.51.100.7", header="a b, 203.0.113.9")

    assert read(line, DECLARED)[0] == "198.51.100.7"


def test_a_site_that_is_called_by_its_address_and_port_is_no_claim():
    line = APACHE.format(peer="10.0.0.5", header="192.0.2.80:443")

    assert read(line, DECLARED) == ("10.0.0.5", None)


@pytest.mark.parametrize("text", ["10.0.0.5/8", "proxy.gov.vn", "", "0.0.0.0/0", "::/0"])
def test_what_is_no_proxy_is_refused_with_the_remedy(text):
    with pytest.raises(ValueError, match=r"e\.g\. 192\.0\.2\.7|name those"):
        Proxies([text])
