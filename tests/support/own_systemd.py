# SPDX-License-Identifier: Apache-2.0
"""A real systemd as process 1 of namespaces of its own: it knows our units and journald's, and nothing of this host's.

/run, /tmp, /dev and /var/log are its own, so nothing it does at its start reaches the machine the test runs on.
"""

import re
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

SHIPPED = Path("/lib/systemd/system")
STARTS_WITHIN_S = 60
JOURNAL = ("systemd-journald.service", "systemd-journald.socket", "systemd-journald-dev-log.socket")
UNITS = Path(__file__).resolve().parents[2] / "packaging" / "systemd"
USER = "daemon"
INSIDE = """
set -e
for over in /run /tmp /var/log /dev; do mount -t tmpfs -o mode=755 tmpfs $over; done
chmod 1777 /tmp
mkdir -p /run/systemd /run/lock /run/log/journal /dev/shm /dev/pts
chgrp systemd-journal /run/log/journal
chmod 2755 /run/log/journal
mknod -m 666 /dev/null c 1 3
mknod -m 666 /dev/zero c 1 5
mknod -m 666 /dev/full c 1 7
mknod -m 666 /dev/random c 1 8
mknod -m 666 /dev/urandom c 1 9
mknod -m 666 /dev/tty c 5 0
mknod -m 600 /dev/console c 5 1
mknod -m 666 /dev/ptmx c 5 2
ln -s /proc/self/fd /dev/fd
exec env -i container=lxc PATH=/usr/sbin:/usr/bin:/sbin:/bin SYSTEMD_UNIT_PATH="$1" \
  /lib/systemd/systemd --system --unit=basic.target --log-target=journal-or-kmsg --show-status=no
"""
ORDER = re.compile(r"^(Before|After|Conflicts|Requires|DefaultDependencies|Sockets|Wants)=.*\n", re.MULTILINE)


class ServiceManager:
    """A running systemd; its units lie in `units`."""

    def __init__(self, units, pid):
        self.units = units
        self._pid = pid

    def ctl(self, *words):
        """What systemctl says."""
        return self.run("systemctl", *words)

    def run(self, *words):
        """Run a program beside the services; its output."""
        enter = ["nsenter", "-t", str(self._pid), "-m", "-p", "--"]
        done = subprocess.run([*enter, *words], capture_output=True, text=True, timeout=60, check=False)
        return done.stdout + done.stderr

    def add(self, name, text):
        """Make a unit known."""
        (self.units / name).write_text(text)
        self.ctl("daemon-reload")

    def add_agent(self, config, state, **settings):
        """Our own unit as it ships, for an agent with this configuration; `settings` replace lines of it."""
        subprocess.run(["chown", "-R", USER, state], check=True)
        state_kept = {"StateDirectory=giamsat-agent\n": f"ReadWritePaths={state}\n"}
        self._add_ours("giamsat-agent.service", config, state_kept, settings)

    def add_capture(self, config, **settings):
        """The capture process's unit as it ships, likewise."""
        self._add_ours("giamsat-capture.service", config, {}, settings)

    def add_devices(self, config, state, *, agent):
        """The unit of the process that asks devices as it ships: it learns below `state`, `agent` is the other's."""
        state.mkdir()
        subprocess.run(["chown", USER, state], check=True)
        replaced = {
            "StateDirectory=giamsat-devices\n": f"ReadWritePaths={state}\n",
            "InaccessiblePaths=-/var/lib/giamsat-agent\n": f"InaccessiblePaths=-{agent}\n",
        }
        self._add_ours("giamsat-devices.service", config, replaced, {"CPUQuota": "100%"})

    def add_signer(self, state, *, collector):
        """The signer's unit as it ships, with its keys below `state`, for a collector of this user."""
        state.mkdir()
        subprocess.run(["chown", USER, state], check=True)
        replaced = {
            "StateDirectory=giamsat-signer\n": f"ReadWritePaths={state}\n",
            "/var/lib/giamsat-signer/": f"{state}/",
            "--for giamsat-collector": f"--for {collector}",
        }
        self._add_ours("giamsat-signer.service", "", replaced, {})

    def add_collector(self, config, state):
        """The collector's unit as it ships, with its data below `state`."""
        state.mkdir()
        subprocess.run(["chown", USER, state], check=True)
        replaced = {
            "StateDirectory=giamsat-collector\n": f"ReadWritePaths={state}\n",
            "/etc/giamsat/collector.toml": str(config),
        }
        self._add_ours("giamsat-collector.service", "", replaced, {})

    def add_bus(self):
        """The message bus, which others ask about units."""
        opened, daemon = (
            "[Socket]\nListenStream=/run/dbus/system_bus_socket\n",
            "/usr/bin/dbus-daemon --system --nofork",
        )
        self.add("dbus.socket", f"[Unit]\nDefaultDependencies=no\n{opened}")
        served = f"[Service]\nExecStart={daemon} --nopidfile --address=systemd: --systemd-activation --syslog-only\n"
        self.add("dbus.service", f"[Unit]\nDefaultDependencies=no\n{served}")

    def add_clock(self):
        """The clock process's unit as it ships."""
        self._add_ours("giamsat-clock.service", "", {}, {})

    def _add_ours(self, name, config, replaced, settings):
        text = (UNITS / name).read_text()
        paths = [str(Path(path).resolve()) for path in sys.path if path and Path(path).is_dir()]
        text = re.sub(r"/opt/giamsat-\w+/bin/python", f"/usr/bin/python{sys.version_info[0]}", text)
        text = text.replace("/etc/giamsat/agent.toml", str(config))
        text = re.sub(r"^User=.*$", f"User={USER}", text, flags=re.MULTILINE)
        for line, by in replaced.items():
            text = text.replace(line, by)
        text = text.replace("[Service]\n", f"[Service]\nEnvironment=PYTHONPATH={':'.join(paths)}\n")
        for key, value in settings.items():
            text = re.sub(rf"^{key}=.*$", f"{key}={value}", text, flags=re.MULTILINE)
        self.add(name, unordered(text))


def unordered(text):
    """A unit without its place among units that are not here."""
    return ORDER.sub("", text).replace("[Unit]\n", "[Unit]\nDefaultDependencies=no\n", 1)


@contextmanager
def own_systemd(folder):
    """A systemd that has started; it and everything it started end with the context."""
    units = folder / "units"
    units.mkdir(parents=True)
    for name in JOURNAL:
        (units / name).write_text(unordered((SHIPPED / name).read_text()))
    (units / "basic.target").write_text(f"[Unit]\nRequires={' '.join(JOURNAL)}\n")
    words = ["unshare", "-mpf", "--kill-child", "--propagation", "private", "--mount-proc", "sh", "-c", INSIDE]
    process = subprocess.Popen([*words, "sh", str(units)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield _started(units, process)
    finally:
        process.kill()
        process.wait()


def _started(units, process):
    until = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < until:
        found = subprocess.run(["pgrep", "-P", str(process.pid)], capture_output=True, text=True, check=False).stdout
        if found.strip():
            manager = ServiceManager(units, int(found.split()[0]))
            if "active" in manager.ctl("is-active", "systemd-journald.service").split():
                return manager
        time.sleep(0.1)
    raise AssertionError("systemd did not start in its namespaces")
