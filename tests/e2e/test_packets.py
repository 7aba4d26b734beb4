# SPDX-License-Identifier: Apache-2.0
"""Real attacks on a cable of our own: frames, capture process, agent, collector, and an alert at the system's level."""

import json
import subprocess
import sys
import time

import pytest

from giamsat_agent import status
from support.handshakes import certificate
from support.lab import lab
from support.peers import program
from support.site import BIN, site

pytestmark = [pytest.mark.root, pytest.mark.namespaces, pytest.mark.peer("ip")]
WITHIN_S = 5
LENIENT, STRICT = 1, 4


class Watched:
    """Two agents of different levels whose capture processes watch the same end of one cable."""

    def __init__(self, here, pair):
        self.here, self.pair = here, pair
        self.agents, self.captures = {}, {}
        for level in (LENIENT, STRICT):
            socket = here.folder / f"packets{level}.sock"
            settings = f'[packets]\ninterfaces = ["{pair.watched}"]\nsocket = "{socket}"\nuser = "root"\n'
            self.agents[level], _ = here.agent(f"host{level}", level=level, settings=settings)
            self.captures[level] = self.capture(level)
        for level in self.agents:
            here.until(lambda level=level: self.watches(level), 15, f"the capture of level {level} is at work")

    def capture(self, level):
        words = [sys.executable, "-m", "giamsat_agent.capture", str(self.here.folder / f"host{level}.toml")]
        return self.here.process([*self.pair.within(self.pair.here), *words], f"capture{level}.log")

    def watches(self, level):
        found = status.read(self.here.folder / f"host{level}")
        return found is not None and not any(name.startswith("packets") for name in found.failing)

    def attack(self, *words, **keywords):
        """Run a program at the other end of the cable."""
        return subprocess.run(
            [*self.pair.within(self.pair.there), *map(str, words)],
            capture_output=True,
            timeout=60,
            check=False,
            **keywords,
        )

    def alerts(self, level, rule):
        return self.here.alerts(rule=rule, asset=self.agents[level])

    def told(self, rule, level=STRICT):
        """The one alert of a rule, told within five seconds."""
        self.here.until(lambda: self.alerts(level, rule), WITHIN_S, f"{rule} is told at level {level}")
        (alert,) = self.alerts(level, rule)
        return alert

    def evidence(self, alert):
        """The packets behind an alert as the command line gives them, within five seconds: a file, and a line each."""
        file = self.here.folder / f"{alert['id']}.pcap"
        words = [BIN / "giamsat-collector", "alerts", "evidence", alert["id"], "--out", file, "--json"]
        words += ["--config", self.here.config]

        def asked():
            return subprocess.run(list(map(str, words)), capture_output=True, timeout=30, check=False)

        self.here.until(lambda: asked().returncode == 0, WITHIN_S, "the packets are there")
        return file, [line for piece in json.loads(asked().stdout) for line in piece["lines"]]


def rows(file, wanted):
    """Source address and port aimed at of the packets that tshark finds to be like this."""
    words = [program("tshark"), "-r", file, "-Y", wanted, "-T", "fields", "-e", "ip.src", "-e", "tcp.dstport"]
    said = subprocess.run(list(map(str, words)), capture_output=True, check=True, text=True).stdout
    return {tuple(row.split("\t")) for row in said.splitlines()}


@pytest.fixture(scope="module")
def watched(tmp_path_factory):
    with lab() as pair, site(tmp_path_factory.mktemp("site")) as here:
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
    watched.attack(program("hping3"), "-q", "-S", "-p", "80", "-i", "u500", "-c", "3000", watched.pair.address)

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
        said = (watched.here.folder / "arpspoof.log").read_text()
        raise AssertionError(f"{error}; arpspoof said: {said}") from error
    finally:
        spoofing.terminate()
        spoofing.wait()


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


def test_the_other_host_of_the_cable_is_seen_and_has_no_agent(watched):
    words = [BIN / "giamsat-collector", "registry", "sightings", "--state", "unknown", "--json"]

    def found():
        said = subprocess.run(
            [*map(str, words), "--config", str(watched.here.config)], capture_output=True, timeout=30, check=True
        )
        return {address for line in said.stdout.splitlines() for address in json.loads(line)["addresses"]}

    watched.attack("ping", "-c", "1", watched.pair.address)
    watched.here.until(lambda: watched.pair.there_address in found(), 15, "the other host is seen")


def test_ordinary_traffic_raises_nothing(watched):
    before = len(watched.here.alerts())
    watched.attack("ping", "-c", "10", "-i", "0.2", watched.pair.address)
    time.sleep(2)

    assert len(watched.here.alerts()) == before
