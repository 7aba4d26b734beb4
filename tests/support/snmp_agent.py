# SPDX-License-Identifier: Apache-2.0
"""A real snmpd on a free port of loopback, with a community and a user of its own."""

import contextlib
import subprocess
from pathlib import Path

from support.peers import program
from support.ports import free_ports
from support.until import listening_udp

COMMUNITY = "bimat"
USER = "giamsat"
AUTH_KEY = "xacthuc-xacthuc"
PRIV_KEY = "baomat-baomat"


@contextlib.contextmanager
def running(folder: Path, *, authentication="SHA", privacy="AES", port=None, objects=None, vlans=None, more=""):
    """The port it listens on, once it is taken: a free one, or the one that is given.

    `objects` are numbers and texts it has besides its own, by object identifier. `vlans` are ports of other agents
    whose BRIDGE-MIB it shows as that of a VLAN: under the community with @ and its number, and in a context. `more` are
    further lines of its configuration.
    """
    port = port or free_ports(1)[0]
    settings = folder / "snmpd.conf"
    settings.write_text(
        f"rocommunity {COMMUNITY} 127.0.0.1\nrouser {USER} auth\nsysName thu-nghiem\nsysDescr Linux thu 6.1.0 x86_64\n"
        f'createUser {USER} {authentication} "{AUTH_KEY}" {privacy} "{PRIV_KEY}"\n'
        + "".join(f"override {oid} {_said(value)}\n" for oid, value in (objects or {}).items())
        + "".join(_shown(vlan, other) for vlan, other in (vlans or {}).items())
        + more
    )
    words = ["-f", "-Lf", str(folder / "log"), "-C", "-c", str(settings), "-p", str(folder / "pid")]
    environment = {"SNMP_PERSISTENT_DIR": str(folder / "state"), "MIBS": ""}
    with subprocess.Popen(
        [program("snmpd"), *words, f"udp:127.0.0.1:{port}"], env=environment, stderr=subprocess.DEVNULL
    ) as process:
        try:
            listening_udp(port, process)
            yield port
        finally:
            process.terminate()
            process.wait()


def _shown(vlan, port):
    return (
        f"com2sec -Cn vlan-{vlan} of{vlan} 127.0.0.1 {COMMUNITY}@{vlan}\ngroup of{vlan} v2c of{vlan}\n"
        f"view every included .1\naccess of{vlan} vlan-{vlan} v2c noauth exact every none none\n"
        f"rouser {USER} auth -V every vlan-{vlan}\n"
        f"proxy -Cn vlan-{vlan} -v 2c -c {COMMUNITY} 127.0.0.1:{port} .1.3.6.1.2.1.17\n"
    )


def _said(value):
    return f'octet_str "{value}"' if isinstance(value, str) else f"integer {value}"
