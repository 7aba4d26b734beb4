# SPDX-License-Identifier: Apache-2.0
"""What stands in an office's network, all of it real programs: from its figures, notifications and logs to alerts.

Two hosts see the same at two levels: what is told of it is what the level of each demands.
"""

import contextlib
import socket
import subprocess
import time
from dataclasses import dataclass
from functools import partial

import pytest

from support import snmp_agent, snmp_simulator, web_server
from support.peers import program
from support.ports import free_ports
from support.prometheus import Prometheus, prometheus
from support.site import Site
from support.web_server import Authority

pytestmark = pytest.mark.peer(
    "snmpd", "snmpsimd", "snmptrap", "rsyslogd", "rsyslog-gnutls", "nginx", "prometheus"
)  # fmt: skip

LICENCE_DAYS, CERTIFICATE_DAYS, PORTS = 45, 20, 20
"""Enough for level 3, too little (ports: too many) for level 5."""
UPS_ON_BATTERY = "1.3.6.1.2.1.33.2.1"
DENIED = (
    '<189>date=2026-11-23 time=10:00:00 devname="FGT-60F" devid="FGT60F0000000001" logid="0000000013" type="traffic" '
    'subtype="forward" level="notice" vd="root" srcip=203.0.113.9 srcport=5555{number} srcintf="wan1" dstip=192.0.2.5 '
    'dstport={number} dstintf="dmz" proto=6 action="deny" policyid=0 service="x" sentbyte=0 rcvdbyte=0'
)


def firewall(ends):
    """A FortiGate that does not exist: what it is, its processor, its tunnels, and the day its licence ends."""
    return {
        "1.3.6.1.2.1.1.1.0": "fw1",
        "1.3.6.1.2.1.1.2.0": "→1.3.6.1.4.1.12356.101.1.641",
        "1.3.6.1.2.1.1.3.0": 420_000,
        "1.3.6.1.2.1.1.5.0": "fw1",
        "1.3.6.1.4.1.12356.100.1.1.1.0": "FGT60F0000000001",
        "1.3.6.1.4.1.12356.101.4.1.1.0": "v7.4.4,build2662,240514 (GA.M)",
        "1.3.6.1.4.1.12356.101.4.1.3.0": 31,
        "1.3.6.1.4.1.12356.101.12.1.1.0": 3,
        "1.3.6.1.4.1.12356.101.4.6.3.1.2.1.1.1": "FortiGuard",
        "1.3.6.1.4.1.12356.101.4.6.3.1.2.1.2.1": time.strftime("%a %b %d %Y", time.gmtime(ends)),
    }


@contextlib.contextmanager
def office(folder, authority, ends):
    """Its devices and its site, running; what an agent is told of them.

    sw2 and sw3 are one snmpd, asked by SNMP v2c and v3; fw1 is played by snmpsim; the site is nginx's.
    """
    written = {
        "community": snmp_agent.COMMUNITY,
        "played": "fw1",
        "user.toml": f'name = "{snmp_agent.USER}"\nauthentication = "SHA1"\nauth_key = "{snmp_agent.AUTH_KEY}"\n'
        f'privacy = "AES128"\npriv_key = "{snmp_agent.PRIV_KEY}"\n',
    }
    for name, text in written.items():
        (folder / name).write_text(text)
    for name in ("snmpd", "snmpsim", "nginx", "rsyslog"):
        (folder / name).mkdir()
    site = [(authority.issue("site", days=CERTIFICATE_DAYS), "return 200 'chào';")]
    with (
        snmp_agent.running(folder / "snmpd") as snmpd,
        snmp_simulator.playing(folder / "snmpsim", {"fw1": firewall(ends)}) as snmpsim,
        web_server.running(folder / "nginx", site) as (nginx,),
    ):
        pace = "interval_s = 5\ntimeout_s = 2\n"
        yield (
            f'[[device]]\nname = "sw2"\naddress = "127.0.0.1:{snmpd}"\ncommunity_file = "{folder}/community"\n{pace}'
            f'[[device]]\nname = "sw3"\naddress = "127.0.0.1:{snmpd}"\nversion = 3\nuser_file = "{folder}/user.toml"\n'
            f'{pace}[[device]]\nname = "fw1"\naddress = "127.0.0.1:{snmpsim}"\ncommunity_file = "{folder}/played"\n'
            f'{pace}[[check]]\nname = "portal"\nwhat = "http"\ntarget = "https://127.0.0.1:{nginx}/"\n'
            f'ca_file = "{authority.ca_file}"\n{pace}'
        )


@contextlib.contextmanager
def relaying(folder, ca_file, ports):
    """A real rsyslog that passes on as it is, over TLS to each port, what comes by UDP; the port of that."""
    (port,) = free_ports(1)
    settings = folder / "rsyslog.conf"
    to = 'protocol="tcp" TCP_Framing="octet-counted" template="asis" StreamDriver="gtls" StreamDriverMode="1" '
    names = 'StreamDriverAuthMode="x509/name" StreamDriverPermittedPeers="portal.example.gov.vn"'
    settings.write_text(
        f'global(workDirectory="{folder}" DefaultNetstreamDriverCAFile="{ca_file}")\nmodule(load="imudp")\n'
        f'input(type="imudp" address="127.0.0.1" port="{port}")\n'
        'template(name="asis" type="string" string="%rawmsg%")\n'
        + "".join(f'action(type="omfwd" target="127.0.0.1" port="{each}" {to} {names})\n' for each in ports)
    )
    with subprocess.Popen([program("rsyslogd"), "-n", "-f", settings, "-i", folder / "pid"]) as process:
        try:
            yield port
        finally:
            process.terminate()
            process.wait()


def notify(port):
    """A UPS says by a real snmptrap, signed and sealed, that it runs on its battery."""
    who = ["-u", snmp_agent.USER, "-l", "authPriv", "-a", "SHA", "-A", snmp_agent.AUTH_KEY]
    how = ["-x", "AES", "-X", snmp_agent.PRIV_KEY, "-e", "0x8000000001020304", "-Z", "5,100"]
    words = [program("snmptrap"), "-v3", *who, *how, f"127.0.0.1:{port}", "", UPS_ON_BATTERY]
    subprocess.run(words, check=True, timeout=60)


def refuse(port):
    """A firewall logs that it refused one address at many ports."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for number in range(PORTS):
            sender.sendto(DENIED.format(number=100 + number).encode(), ("127.0.0.1", port))


@dataclass
class Seen:
    """What became of all that at one host: its series in Prometheus, its alerts, the lines of the log it has told."""

    here: Site
    prometheus: Prometheus
    agent: str

    def value(self, name, **labels):
        said = ",".join(f'{label}="{text}"' for label, text in {"agent_id": self.agent, **labels}.items())
        return self.prometheus.value(f"{name}{{{said}}}")

    def alerts(self):
        return {one["rule"]: one for one in self.here.alerts(asset=self.agent)}

    def lines(self):
        sources = self.here.ask("coverage.ledger", asset=self.agent, hours=1)["sources"]
        return next((one["received"] for one in sources if one["source"] == "syslog 127.0.0.1"), 0)

    def up(self):
        devices = {self.value("snmp_up", device=device) for device in ("sw2", "sw3", "fw1")}
        return devices == {1} and self.value("probe_success", check="portal") == 1


def test_what_stands_in_an_office_s_network_is_seen_from_figures_to_alerts(here, tmp_path):
    authority, ends = Authority(tmp_path), (time.time() // 86_400 + LICENCE_DAYS) * 86_400
    certificate, key = authority.issue("log", days=30)
    udp, tls = (dict(zip((5, 3), free_ports(2), strict=True)) for _ in range(2))
    found = prometheus(here)
    with (
        office(tmp_path, authority, ends) as settings,
        relaying(tmp_path / "rsyslog", authority.ca_file, tls.values()) as relay,
    ):
        seen = {}
        for level in (5, 3):
            takes = (
                f'[snmptrap]\nudp = "127.0.0.1:{udp[level]}"\nuser_files = ["{tmp_path}/user.toml"]\n'
                f'[syslog]\ntls = "127.0.0.1:{tls[level]}"\ncertificate = "{certificate}"\nkey = "{key}"\n'
            )
            agent, _ = here.agent(f"host{level}", level=level, settings=settings + takes)
            seen[level] = Seen(here, found, agent)
        for level in (5, 3):
            here.until(seen[level].up, 30, "Prometheus sees that all of it is up")
            notify(udp[level])
        refuse(relay)

        demanded = {"device_licence_expires", "certificate_expires", "port_scan_by_firewall"}
        here.until(lambda: demanded | {"ups_on_battery"} <= seen[5].alerts().keys(), 15, "level 5 is told of all of it")
        here.until(lambda: "ups_on_battery" in seen[3].alerts(), 15, "level 3 is told of the battery")
        here.until(lambda: seen[3].lines() >= PORTS, 15, "the host of level 3 has told the same log")
        strict, lenient = seen[5].alerts(), seen[3].alerts()

        assert {one["level"] for one in strict.values()} == {5}
        assert (lenient["ups_on_battery"]["level"], demanded & lenient.keys()) == (3, set())
        assert strict["port_scan_by_firewall"]["source"]["ip"] == "203.0.113.9"
        for one in seen.values():
            # A poll that a busy machine made late leaves a gap in the figures, which the next one ends.
            licence = partial(one.value, "snmp_licence_expiry_timestamp_seconds", device="fw1")
            here.until(lambda licence=licence: licence() == ends, 15, "the firewall's figures are there")
            assert one.value("snmp_device_info", device="fw1", os="fortigate", serial="FGT60F0000000001") == 1
            assert one.value("snmp_vpn_tunnels", device="fw1") == 3
            assert one.value("ifHCInOctets", device="sw3", ifName="lo") is not None
            assert one.value("probe_ssl_earliest_cert_expiry", check="portal") > time.time()
