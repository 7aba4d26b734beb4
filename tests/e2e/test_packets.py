# SPDX-License-Identifier: Apache-2.0
"""Real attacks on a cable of our own: frames, capture process, agent, collector, and an alert at the system's level."""

import json
import subprocess
import sys
import time

import pytest

from support import refusing
from support.handshakes import certificate
from support.lab import lab
from support.peers import program
from support.site import BIN
from support.watched import LENIENT, STRICT, Watched

pytestmark = [pytest.mark.root, pytest.mark.namespaces, pytest.mark.peer("ip")]
TUNNEL = "t.example.test"


def rows(file, wanted):
    """Source address and port aimed at of the packets that tshark finds to be like this."""
    words = [program("tshark"), "-r", file, "-Y", wanted, "-T", "fields", "-e", "ip.src", "-e", "tcp.dstport"]
    said = subprocess.run(list(map(str, words)), capture_output=True, check=True, text=True).stdout
    return {tuple(row.split("\t")) for row in said.splitlines()}


@pytest.fixture(scope="module")
def watched(shared_site, tmp_path_factory):
    with lab() as pair, shared_site.hosting(tmp_path_factory.mktemp("hosts")) as here:
        yield Watched(here, pair)


@pytest.mark.peer("nmap", "tshark")
def test_a_scan_by_nmap_is_told_at_the_level_whose_threshold_it_passes_with_its_packets(watched):
    watched.attack(program("nmap"), "-sS", "-Pn", "-n", "-p", "1-40", watched.pair.address)

    alert = watched.told("port_scan_on_the_wire")

    assert alert["source"]["ip"] == watched.pair.there_address
    assert watched.alerts(LENIENT, "port_scan_on_the_wire") == []
    file, lines = watched.evidence(alert)
    sent = rows(file, "tcp.flags.syn == 1 && tcp.flags.ack == 0")
    assert {source for source, _ in sent} == {watched.pair.there_address}
    assert len(sent) >= 15
    assert all(watched.pair.there_address in line and "TCP" in line for line in lines)


@pytest.mark.peer("nmap")
@pytest.mark.parametrize("how", ["-sN", "-sF", "-sX"])
def test_a_stealth_scan_by_nmap_is_told_at_every_level(watched, how):
    watched.attack(program("nmap"), how, "-Pn", "-n", "-p", "1-20", watched.pair.address)

    for level in (LENIENT, STRICT):
        assert watched.told("stealth_scan_on_the_wire", level)["source"]["ip"] == watched.pair.there_address


@pytest.mark.peer("hping3", "tshark")
def test_a_flood_by_hping3_is_told(watched):
    watched.attack(program("hping3"), "-q", "-S", "-p", "80", "-i", "u100", "-c", "15000", watched.pair.address)

    alert = watched.told("network_flood")
    assert alert["source"]["ip"] == watched.pair.there_address
    file, _ = watched.evidence(alert)
    assert (watched.pair.there_address, "80") in rows(file, "tcp.flags.syn == 1")


@pytest.mark.peer("arpspoof")
def test_arp_spoofing_by_arpspoof_is_told(watched):
    words = [program("arpspoof"), "-i", watched.pair.other, "-t", watched.pair.address, "10.9.0.254"]
    spoofing = watched.here.process([*watched.pair.within(watched.pair.there), *map(str, words)], "arpspoof.log")
    try:
        watched.here.until(lambda: watched.alerts(STRICT, "arp_spoofing"), 30, "the spoofing is told")
        (alert,) = watched.alerts(STRICT, "arp_spoofing")
        assert any("ARP is at" in line and "10.9.0.254" in line for line in watched.evidence(alert)[1])
    except AssertionError as error:
        said = (watched.here.hosts / "arpspoof.log").read_text()
        raise AssertionError(f"{error}; arpspoof said: {said}") from error
    finally:
        spoofing.terminate()
        spoofing.wait()


@pytest.mark.peer("hping3")
def test_redirects_by_hping3_in_the_routers_name_are_told(watched):
    router, itself = "10.9.0.254", watched.pair.there_address
    words = ("-q", "-1", "-C", "5", "-K", "1", "-a", router, "--icmp-gw", itself, "-c", "3", watched.pair.address)
    # A capture that was begun anew knows who bears which address once it is asked for on the wire.
    watched.pair.run(watched.pair.there, "ip", "neighbour", "flush", "all")
    watched.sends(watched.pair.address, 1)
    watched.attack(program("hping3"), *words)

    assert watched.told("route_redirected")["source"]["ip"] == itself


@pytest.mark.peer("openssl")
def test_a_server_with_old_encryption_and_a_bad_certificate_is_told_at_the_level_that_asks_for_more(watched, tmp_path):
    held, old = certificate(tmp_path, begins=-3_000, ends=-2_000), ["-tls1", "-cipher", "ALL:@SECLEVEL=0"]
    words = [program("openssl"), "s_server", "-www", "-accept", "4433", "-cert", held, "-key", held, *old]
    served = watched.here.process([*watched.pair.within(watched.pair.here), *map(str, words)], "s_server.log")
    try:
        client = [program("openssl"), "s_client", "-connect", f"{watched.pair.address}:4433", *old]
        client += ["-servername", "dichvucong.example"]
        watched.here.until(
            lambda: b"New, TLSv1" in watched.attack(*client, input=b"Q\n").stdout, 10, "the server agrees to it"
        )
        alert = watched.told("weak_tls_on_the_wire")
        assert alert["source"]["ip"] == watched.pair.there_address
        assert watched.alerts(LENIENT, "weak_tls_on_the_wire") == []
        for level in (LENIENT, STRICT):
            watched.told("bad_certificate_on_the_wire", level)
    finally:
        served.kill()
        served.wait()


def test_a_capture_process_that_dies_is_told_and_its_return_seen(watched):
    watched.captures[STRICT].kill()
    watched.captures[STRICT].wait()

    watched.told("network_sight_lost")
    # The status is written less often than events are told: an old one must not be taken for the return.
    watched.here.until(lambda: not watched.watches(STRICT), 10, "the status names what is not watched")
    watched.captures[STRICT] = watched.capture(STRICT)
    watched.here.until(lambda: watched.watches(STRICT), 10, "the capture is back")


@pytest.mark.peer("hping3")
def test_the_other_host_of_the_cable_is_seen_and_has_no_agent(watched):
    words = [BIN / "giamsat-collector", "registry", "sightings", "--state", "unknown", "--json"]

    def asked():
        return watched.here.ask("registry.sightings", unit="", state="unknown", text="")["hosts"]

    def found():
        said = subprocess.run(
            [*map(str, words), "--config", str(watched.here.config)], capture_output=True, timeout=60, check=True
        )
        return {address for line in said.stdout.splitlines() for address in json.loads(line)["addresses"]}

    watched.sends(watched.pair.address, 1)
    watched.here.until(
        lambda: any(watched.pair.there_address in host["addresses"] for host in asked()), 15, "the other host is seen"
    )
    assert watched.pair.there_address in found()


@pytest.mark.peer("iodine", "iodined", "hping3", "tshark")
def test_a_tunnel_through_dns_by_iodine_is_told(watched):
    with watched.running(watched.pair.here, program("iodined"), "-f", "-c", "-P", "x", "10.53.0.1", TUNNEL):
        log = watched.here.hosts / "iodined.log"
        watched.here.until(lambda: "Listening to dns" in log.read_text(), 10, "the other end of the tunnel listens")
        words = (program("iodine"), "-f", "-r", "-m", "500", "-P", "x", watched.pair.address, TUNNEL)
        with watched.running(watched.pair.there, *words):
            log = watched.here.hosts / "iodine.log"
            watched.here.until(lambda: "transmitting data" in log.read_text(), 20, "the tunnel stands")
            watched.sends("10.53.0.1", 60)
            for level in (LENIENT, STRICT):
                assert watched.told("dns_tunnel_on_the_wire", level)["source"]["ip"] == watched.pair.there_address
            file, _ = watched.evidence(watched.told("dns_tunnel_on_the_wire"))

    assert (watched.pair.there_address, "") in rows(file, f'dns.qry.name contains "{TUNNEL}"')


@pytest.mark.peer("hydra", "tshark")
def test_guessing_by_hydra_is_told_at_the_level_whose_threshold_it_passes(watched, tmp_path):
    words = tmp_path / "passwords"
    words.write_text("".join(f"guess{number}\n" for number in range(40)))
    with watched.pair.inside(watched.pair.here), refusing.ftp((watched.pair.address, 21)):
        guesses = ("-I", "-t", "8", "-l", "root", "-P", words, f"ftp://{watched.pair.address}")
        with watched.running(watched.pair.there, program("hydra"), *guesses) as guessing:
            guessing.wait(60)

    alert = watched.told("guessing_on_the_wire")
    assert alert["source"]["ip"] == watched.pair.there_address
    assert watched.alerts(LENIENT, "guessing_on_the_wire") == []
    file, _ = watched.evidence(alert)
    assert len(rows(file, f"tcp.port == 21 && ip.addr == {watched.pair.there_address}")) >= 10


@pytest.mark.peer("dnsmasq", "tshark")
def test_a_second_dhcp_server_that_leads_elsewhere_is_told(watched, tmp_path):
    with watched.dhcp(watched.pair.here, watched.pair.watched, tmp_path / "a", leads="10.9.0.2"):
        watched.here.until(
            lambda: watched.discovers(watched.pair.there, watched.pair.other), 10, "the first one answers"
        )
    with watched.dhcp(watched.pair.there, watched.pair.other, tmp_path / "b", leads="10.9.0.66"):
        watched.here.until(
            lambda: watched.discovers(watched.pair.here, watched.pair.watched), 10, "the other one answers"
        )

    for level in (LENIENT, STRICT):
        watched.told("dhcp_rogue_server", level)
    file, _ = watched.evidence(watched.told("dhcp_rogue_server"))
    assert (watched.pair.there_address, "") in rows(file, "dhcp.option.router == 10.9.0.66")


@pytest.mark.peer("dnsmasq", "hping3")
def test_ordinary_traffic_raises_nothing(watched, tmp_path, pytestconfig):
    before, until = watched.all_alerts(), time.monotonic() + pytestconfig.option.quiet_seconds
    answers = ("--port", "53", "--address", f"/example.test/{watched.pair.address}")
    page = "http.server", "8080", "--bind", watched.pair.address, "--directory", str(tmp_path)
    with (
        watched.dhcp(watched.pair.here, watched.pair.watched, tmp_path, *answers, leads=watched.pair.address),
        watched.running(watched.pair.here, sys.executable, "-m", *page),
    ):
        while True:
            watched.attack(program("hping3"), "-1", "-q", "-c", "3", "-i", "u200000", watched.pair.address)
            watched.attack("curl", "-s", f"http://{watched.pair.address}:8080/")
            watched.discovers(watched.pair.there, watched.pair.other)
            time.sleep(1)
            if time.monotonic() >= until:
                break
        time.sleep(1)

    told = watched.all_alerts()
    assert {id_: [rule, watched.said(id_)] for id_, rule in told.items() if id_ not in before} == {}
