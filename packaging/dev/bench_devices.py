# SPDX-License-Identifier: Apache-2.0
"""What polling devices costs: CPU for 1,000 variables by SNMP v2c and v3, beside snmp_exporter on the same devices.

The devices are one net-snmp snmpd on many ports, in a network namespace with many interfaces, all on its loopback.
Ours is the whole poll as the agent does it: what a device is, every MIB it has, figures with labels. snmp_exporter
reads the interface tables (its module if_mib) and writes its page. Both are counted for each 1,000 variables they were
given. CPU is the process's own; memory is what polling adds to an agent's process. Needs root for the namespace.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

import peers
from namespaces import end_in_order

INTERFACES: Final = 48
FIRST_PORT: Final = 20_000
EXPORTER_PORT: Final = 9_116
COMMUNITY, USER, AUTH_KEY, PRIV_KEY = "thu-nghiem", "giamsat", "xacthuc-xacthuc", "baomat-baomat"
TICKS: Final = os.sysconf("SC_CLK_TCK")
IF_TABLE, IF_X_TABLE = "1.3.6.1.2.1.2.2.1", "1.3.6.1.2.1.31.1.1.1"
IF_COLUMNS: Final = {**{f"ifColumn{place}": f"{IF_TABLE}.{place}" for place in (3, 4, 5, 7, 8, 9, *range(10, 22))}}
IF_X_COLUMNS: Final = {**{f"ifXColumn{place}": f"{IF_X_TABLE}.{place}" for place in (*range(2, 16), 16, 17, 19)}}


def main() -> int:
    """Measure both and print the line."""
    end_in_order()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--devices", type=int, default=100, help="ports of the agent that is asked")
    parser.add_argument("--rounds", type=int, default=3, help="how often each is polled")
    parser.add_argument("--client", choices=("v2c", "v3"), help=argparse.SUPPRESS)
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.client:
        print(json.dumps(polled(options.client, options.devices, options.rounds)))
        return 0
    if os.geteuid() != 0:
        print("bench-devices: needs root for a network namespace of its own: sudo make bench-devices")
        return 1
    if not options.inside:
        return subprocess.run(["unshare", "--net", sys.executable, *sys.argv, "--inside"], check=False).returncode
    if missing := peers.missing(["snmpd", "prometheus-snmp-exporter"]):
        print(f"bench-devices: {', '.join(one.name for one in missing)}: not on this machine; apt-get install it")
        return 1
    measure(options.devices, options.rounds)
    return 0


def measure(devices: int, rounds: int) -> None:
    """Everything, inside the namespace."""
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    for number in range(0, INTERFACES, 2):
        words = ["ip", "link", "add", f"p{number}", "type", "veth", "peer", "name", f"p{number + 1}"]
        subprocess.run(words, check=True)
    with tempfile.TemporaryDirectory(prefix="giamsat-bench-") as folder, ExitStack() as stack:
        stack.enter_context(snmpd(Path(folder), devices))
        exporter = stack.enter_context(snmp_exporter(Path(folder)))
        ours = {version: _client(version, devices, rounds) for version in ("v2c", "v3")}
        theirs = _scraped(exporter, devices, rounds)
    for version, cost in ours.items():
        print(
            f"giamsat-agent {version}: {devices} devices, {cost['variables'] / devices / rounds:.0f} variables each, "
            f"{cost['cpu_s'] / devices / rounds * 1e3:.1f} ms CPU a device, {cost['mb']:.1f} MB more memory"
        )
    print(f"snmp_exporter v2c: {theirs:.2f} ms CPU per 1,000 variables, its page included")
    print(f"100 devices a minute: {ours['v2c']['cpu_s'] / devices / rounds * 100 / 60 * 100:.2f} % of a core")
    v2c, v3 = (ours[version]["cpu_s"] / ours[version]["variables"] * 1e6 for version in ("v2c", "v3"))
    print(
        f"bench-devices: {v2c:.2f} ms v2c, {v3:.2f} ms v3 per 1,000 varbinds, {v2c / theirs:.2f} x snmp_exporter, "
        f"{max(cost['mb'] for cost in ours.values()):.1f} MB"
    )


def polled(version: str, devices: int, rounds: int) -> dict[str, float]:
    """In a process of its own: what `rounds` polls of every device cost, once their sessions are open."""
    import giamsat_agent.app  # noqa: F401, PLC0415 - what an agent without devices has in memory

    before_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    from giamsat_agent.devices.credential import Community, Credential, User  # noqa: PLC0415 - this is what is measured
    from giamsat_agent.devices.gufo_client import Device  # noqa: PLC0415
    from giamsat_agent.devices.poll import poll  # noqa: PLC0415
    from giamsat_agent.devices.poller import figures  # noqa: PLC0415
    from giamsat_agent.devices.reader import Presence  # noqa: PLC0415
    from giamsat_agent.devices.reading import Rows, Value  # noqa: PLC0415

    class Counted:
        """A device whose variables are counted."""

        def __init__(self, device: Device) -> None:
            self.address, self.variables, self._device = device.address, 0, device
            self.presence = Presence()

        def get(self, oids: Iterable[str]) -> Mapping[str, Value]:
            found = self._device.get(oids)
            self.variables += len(found)
            return found

        def has(self, oid: str) -> bool:
            self.variables += 1
            return self._device.has(oid)

        def walk(self, oid: str) -> Iterator[Rows]:
            for rows in self._device.walk(oid):
                self.variables += len(rows)
                yield rows

    v3 = version == "v3"
    credential: Credential = User(USER, "SHA1", "AES128", AUTH_KEY, PRIV_KEY) if v3 else Community(2, COMMUNITY)
    asked = [Counted(Device("127.0.0.1", FIRST_PORT + number, credential, timeout_s=5)) for number in range(devices)]
    about = (("device", "device"),)
    kept = [(found := poll(device, device.presence, about), tuple(figures("device", found))) for device in asked]
    began, variables = time.process_time(), sum(device.variables for device in asked)
    for _ in range(rounds):
        for place, device in enumerate(asked):
            found = poll(device, device.presence, about)
            kept[place] = found, tuple(figures("device", found))
    return {
        "cpu_s": time.process_time() - began,
        "variables": sum(device.variables for device in asked) - variables,
        "mb": (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kb) / 1024,
    }


@contextmanager
def snmpd(folder: Path, ports: int) -> Iterator[None]:
    """One agent on many ports."""
    settings = folder / "snmpd.conf"
    settings.write_text(
        f'rocommunity {COMMUNITY} 127.0.0.1\nrouser {USER} auth\ncreateUser {USER} SHA "{AUTH_KEY}" AES "{PRIV_KEY}"\n'
    )
    listening = [f"udp:127.0.0.1:{FIRST_PORT + number}" for number in range(ports)]
    words = [str(peers.listed()["snmpd"].path()), "-f", "-Lf", str(folder / "snmpd.log"), "-C", "-c", str(settings)]
    environment = {"SNMP_PERSISTENT_DIR": str(folder / "state"), "MIBS": ""}
    with subprocess.Popen([*words, "-p", str(folder / "pid"), *listening], env=environment) as process:
        try:
            time.sleep(2)
            yield
        finally:
            process.terminate()


@contextmanager
def snmp_exporter(folder: Path) -> Iterator[int]:
    """Its process number, once it answers."""
    settings = folder / "snmp.yml"
    settings.write_text(_module())
    words = [str(peers.listed()["prometheus-snmp-exporter"].path()), f"--config.file={settings}"]
    listen = f"--web.listen-address=127.0.0.1:{EXPORTER_PORT}"
    with subprocess.Popen([*words, listen], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            time.sleep(2)
            yield process.pid
        finally:
            process.terminate()


def _module() -> str:
    """The interface tables as its module if_mib reads them: every column, labelled with the interface's names."""
    lines = ["if_mib:", "  version: 2", "  max_repetitions: 25", f"  auth: {{community: {COMMUNITY}}}"]
    lines += [f"  walk: [{IF_TABLE}, {IF_X_TABLE}]", "  metrics:"]
    names = {"ifDescr": f"{IF_TABLE}.2", "ifName": f"{IF_X_TABLE}.1", "ifAlias": f"{IF_X_TABLE}.18"}
    for name, oid in (IF_COLUMNS | IF_X_COLUMNS).items():
        lines += [f"  - name: {name}", f"    oid: {oid}", "    type: gauge", f"    help: {name}"]
        lines += ["    indexes: [{labelname: ifIndex, type: gauge}]", "    lookups:"]
        lines += [
            f"    - {{labels: [ifIndex], labelname: {label}, oid: {place}, type: DisplayString}}"
            for label, place in names.items()
        ]
    return "\n".join(lines) + "\n"


def _client(version: str, devices: int, rounds: int) -> dict[str, float]:
    words = [sys.executable, __file__, "--client", version, "--devices", str(devices), "--rounds", str(rounds)]
    return dict(json.loads(subprocess.run(words, check=True, capture_output=True, text=True).stdout))


def _scraped(pid: int, devices: int, rounds: int) -> float:
    """Milliseconds of its CPU for 1,000 variables."""
    began = variables = 0
    for number in range(-1, rounds):
        if number == 0:
            began = _ticks(pid)
        for device in range(devices):
            url = f"http://127.0.0.1:{EXPORTER_PORT}/snmp?module=if_mib&target=127.0.0.1:{FIRST_PORT + device}"
            with urllib.request.urlopen(url, timeout=20) as answer:
                page = answer.read().decode()
            if number >= 0:
                variables += _given(page)
    return (_ticks(pid) - began) / TICKS / variables * 1e6


def _given(page: str) -> int:
    """The variables it says it was given."""
    line = next(line for line in page.splitlines() if line.startswith("snmp_scrape_pdus_returned"))
    return int(float(line.split()[-1]))


def _ticks(pid: int) -> int:
    fields = (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


if __name__ == "__main__":
    sys.exit(main())
