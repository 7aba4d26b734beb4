# SPDX-License-Identifier: Apache-2.0
"""A list of what is known to be evil is brought; what a firewall and the host's own logins say is held against it."""

import json
import socket
import subprocess
import time

from support.ports import free_ports
from support.site import BIN

ALLOWED = (
    '<189>date=2026-11-23 time=10:00:00 devname="FGT-60F" devid="FGT60F0000000001" logid="0000000013" type="traffic" '
    'subtype="forward" level="notice" vd="root" srcip=10.0.0.5 srcport=55550 srcintf="lan" dstip=203.0.113.9 '
    'dstport=443 dstintf="wan1" proto=6 action="accept" policyid=2 service="HTTPS" sentbyte=100 rcvdbyte=100'
)
ACCEPTED = "may1 sshd[7]: Accepted password for an from 198.51.100.7 port 9 ssh2"


def test_a_list_is_brought_and_what_meets_it_is_told_until_it_is_taken_away(here, tmp_path):
    def run(*words):
        words = [BIN / "giamsat-collector", "indicators", *map(str, words), "--config", here.config]
        return subprocess.run(words, capture_output=True, text=True, check=False)

    log, listed, (port,) = tmp_path / "root/var/log/auth.log", tmp_path / "listed.csv", free_ports(1)
    log.parent.mkdir(parents=True)
    log.write_text("")
    listed.write_text(
        "type,value,source,comment\nip,203.0.113.0/28,NCSC,máy điều khiển\nip,198[.]51[.]100[.]7,NCSC,\nip,10.0.0.1,,\n"
    )
    settings = f'[host]\nroot = "{tmp_path / "root"}"\n[syslog]\nudp = "127.0.0.1:{port}"\n'
    agent, _ = here.agent("host", level=3, settings=settings)
    here.reads(agent)

    brought = run("import", "ncsc", listed, "--lenient", "--document", "12/CV", "--json")
    assert (json.loads(brought.stdout)["added"], "wrong" in brought.stdout) == (2, True), brought.stderr
    here.until(lambda: here.alerts(rule="indicator_lists_exchanged"), 15, "who exchanges lists is told")

    log.write_text(f"{time.strftime('%b %e %H:%M:%S', time.gmtime())} {ACCEPTED}\n")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as firewall:

        def told():
            firewall.sendto(ALLOWED.encode(), ("127.0.0.1", port))  # again and again: nobody may listen yet
            return here.alerts(rule="known_bad_contact", asset=agent)

        here.until(told, 30, "the firewall's line is an alert")
    here.until(lambda: here.alerts(rule="known_bad_login", asset=agent), 30, "the login is an alert")
    (alert,) = here.alerts(rule="known_bad_contact", asset=agent)
    evidence = here.ask("alerts.show", alert=alert["id"])["evidence"][0]
    assert (alert["source"]["ip"], alert["severity"]) == ("10.0.0.5", "high")
    assert evidence["threat.indicator.name"] == "203.0.113.0/28"
    assert evidence["threat.indicator.description"] == "máy điều khiển"
    here.until(lambda: here.ask("indicators.list")[0]["hits"] >= 2, 30, "what was met is counted")
    assert b'giamsat_indicators{list="ncsc"} 2.0' in here.fetch("/metrics")
    assert "ncsc" in run("check", "203.0.113.9").stdout

    assert run("remove", "ncsc").returncode == 0
    assert here.ask("indicators.check", values=["203.0.113.9"])[0]["match"] is None
