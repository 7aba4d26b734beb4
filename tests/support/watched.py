# SPDX-License-Identifier: Apache-2.0
"""A packets lab: a collector, agents of different levels, and both ends of a cable that their captures watch."""

import contextlib
import json
import random
import socket
import subprocess
import sys
from pathlib import Path

from giamsat_agent import status
from giamsat_collector.errors import RefusedError
from support.capture import IP, UDP, Ether
from support.peers import program
from support.site import BIN

WITHIN_S = 5
LENIENT, STRICT = 1, 4


class Watched:
    """Agents, one of each level, whose capture processes watch the same end of one cable; `more` are their settings."""

    def __init__(self, here, pair, levels=(LENIENT, STRICT), more=""):
        self.here, self.pair = here, pair
        self.agents, self.captures = {}, {}
        for level in levels:
            socket = here.hosts / f"packets{level}.sock"
            # What happens on the host of the tests is no business of the cable's.
            settings = 'disabled = ["listening_ports", "file_integrity", "system_log", "systemd"]\n'
            settings += f'[packets]\ninterfaces = ["{pair.watched}"]\nsocket = "{socket}"\nuser = "root"\n{more}'
            self.agents[level], _ = here.agent(f"host{level}", level=level, settings=settings)
            self.captures[level] = self.capture(level)
        for level in self.agents:
            here.until(lambda level=level: self.watches(level), 15, f"the capture of level {level} is at work")

    def capture(self, level):
        # A busy machine is what a capture gives way to, which is not what is looked at here: it finds no pressure.
        config, calm = self.here.hosts / f"capture{level}.toml", self.here.hosts / "calm"
        calm.mkdir(exist_ok=True)
        config.write_text(f'{(self.here.hosts / f"host{level}.toml").read_text()}\n[host]\nproc = "{calm}"\n')
        words = [sys.executable, "-m", "giamsat_agent.capture", str(config)]
        return self.here.process([*self.pair.within(self.pair.here), *words], f"capture{level}.log")

    def watches(self, level):
        found = status.read(self.here.hosts / f"host{level}")
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

    @contextlib.contextmanager
    def running(self, host, *words):
        """A program that runs on one of the hosts for a while."""
        name = Path(str(words[0])).name
        process = self.here.process([*self.pair.within(host), *map(str, words)], f"{name}.log")
        try:
            yield process
        finally:
            process.terminate()
            process.wait()

    def dhcp(self, host, interface, folder, *words, leads):
        """A DHCP server of dnsmasq that leads its clients to this router; `words` are for DNS, else it does none."""
        folder.mkdir(exist_ok=True)
        named = ["--conf-file=/dev/null", "--user=root", "--no-ping", "--no-resolv", "--no-hosts", "--pid-file="]
        leases = [
            f"--dhcp-leasefile={folder / 'leases'}",
            "--dhcp-range=10.9.0.50,10.9.0.99",
            f"--dhcp-option=3,{leads}",
        ]
        how = [f"--interface={interface}", "--bind-interfaces", "--no-daemon", *(words or ["--port=0"])]
        return self.running(host, program("dnsmasq"), *named, *leases, *how)

    def discovers(self, host, interface):
        """Ask for an address from one of the hosts; whether a server offers one within a second."""
        mac = bytes.fromhex(f"0200000000{random.randrange(256):02x}")
        body = b"\x01\x01\x06\0" + bytes(6) + b"\x80\0" + bytes(16) + mac + bytes(10 + 64 + 128)
        body += b"\x63\x82\x53\x63\x35\x01\x01\xff"
        asks = IP(src="0.0.0.0", dst="255.255.255.255") / UDP(sport=68, dport=67) / body
        with self.pair.inside(host), socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0800)) as line:
            line.bind((interface, 0x0800))
            line.settimeout(1)
            line.send(bytes(Ether(src=mac, dst="ff:ff:ff:ff:ff:ff") / asks))
            with contextlib.suppress(TimeoutError):
                while True:
                    frame = line.recv(2_048)
                    if frame[23:24] == b"\x11" and frame[34:38] == b"\0\x43\0\x44":
                        return True
        return False

    def sends(self, address, count):
        """Datagrams to an address from the other end of the cable."""
        how = ("-2", "-q", "-p", "9", "-d", "200", "-E", sys.executable, "-c", count, "-i", "u30000")
        self.attack(program("hping3"), *how, address)

    def alerts(self, level, rule):
        return self.here.alerts(rule=rule, asset=self.agents[level])

    def all_alerts(self):
        """All alerts of both hosts: the rule of each by its id."""
        return {alert["id"]: alert["rule"] for alert in self.here.alerts() if alert["asset"] in self.agents.values()}

    def said(self, alert):
        """The events behind an alert."""
        return self.here.ask("alerts.show", alert=alert)["evidence"]

    def told(self, rule, level=STRICT):
        """The one alert of a rule, told within five seconds."""
        self.here.until(lambda: self.alerts(level, rule), WITHIN_S, f"{rule} is told at level {level}")
        (alert,) = self.alerts(level, rule)
        return alert

    def evidence(self, alert):
        """The packets behind an alert as the command line gives them, within five seconds: a file, and a line each."""
        file = self.here.hosts / f"{alert['id']}.pcap"
        words = [BIN / "giamsat-collector", "alerts", "evidence", alert["id"], "--out", file, "--json"]
        words += ["--config", self.here.config]

        def there():
            with contextlib.suppress(RefusedError):
                return self.here.ask("alerts.evidence", alert=alert["id"])["evidence"]

        self.here.until(there, WITHIN_S, "the packets are there")
        said = subprocess.run(list(map(str, words)), capture_output=True, timeout=60, check=True).stdout
        return file, [line for piece in json.loads(said) for line in piece["lines"]]
