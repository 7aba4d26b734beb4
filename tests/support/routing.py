# SPDX-License-Identifier: Apache-2.0
"""A router of FRR that tells of its neighbours by a real snmpd, and a neighbour that does not hear what it says."""

import contextlib
import shutil
import tempfile
from pathlib import Path

from support import snmp_agent
from support.daemons import started
from support.peers import program
from support.until import holds

SERVER, CLIENT = "192.0.2.10", "192.0.2.66"
USER = "frr"
DOOR = "tcp:127.0.0.1:705"
OSPF = (
    "interface {device}\n ip ospf hello-interval 1\nrouter ospf\n ospf router-id {own}\n network 192.0.2.0/24 area 0\n"
)
BGP = f"router bgp 65001\n bgp router-id {SERVER}\n neighbor {CLIENT} remote-as 65002\n"


@contextlib.contextmanager
def routing(folder, pair):
    """The port on `pair.here` of the router's snmpd, whose files lie in `folder`."""
    shared = Path(tempfile.mkdtemp(prefix="gs-frr-", dir="/tmp"))
    shutil.chown(shared, USER, USER)
    deaf = ("-A", "INPUT", "-p", "ospf", "-j", "DROP")
    pair.run(pair.there, program("iptables"), "-w", *deaf)
    tells = snmp_agent.running(folder, more=f"master agentx\nagentXSocket {DOOR}\n")
    try:
        with contextlib.ExitStack() as stack, pair.inside():
            port = stack.enter_context(tells)
            for host, device, own, its in (
                (pair.here, pair.watched, SERVER, {"zebra": "", "ospfd": OSPF, "bgpd": BGP}),
                (pair.there, pair.other, CLIENT, {"zebra": "", "ospfd": OSPF}),
            ):
                pair.run(host, "ip", "address", "add", f"{own}/24", "dev", device)
                place = shared / host
                place.mkdir()
                shutil.chown(place, USER, USER)
                (place / "frr.conf").write_text(f"agentXSocket {DOOR}\n")
                for name, text in its.items():
                    conf, agent = place / f"{name}.conf", text and host == pair.here
                    conf.write_text(text.format(device=device, own=own) + ("agentx\n" if agent else ""))
                    words = ["-u", USER, "-g", USER, "-f", conf, "-i", place / f"{name}.pid", "-P", "0"]
                    words += ["--vty_socket", place, "-z", place / "zebra.api", *(["-M", "snmp"] if agent else [])]
                    within = [
                        *pair.within(host),
                        "env",
                        "MIBS=",
                        f"SNMPCONFPATH={place}",
                        f"SNMP_PERSISTENT_DIR={place}",
                    ]
                    stack.enter_context(started([*within, program(name), *words]))
                    # Whoever does not find zebra at once looks again after ten seconds.
                    holds((place / "zebra.api").exists, 20, "zebra is there")
            yield port
    finally:
        shutil.rmtree(shared, ignore_errors=True)
