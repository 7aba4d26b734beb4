# SPDX-License-Identifier: Apache-2.0
"""A host with a journal, on a cable of our own, and an outsider at the other end who has an address of the Internet."""

import contextlib
import subprocess

from support.daemons import started
from support.journald import journald
from support.lab import lab

HERE, OUTSIDER = "192.0.2.10", "203.0.113.9"


class Host:
    """A host for servers; what they write to syslog is its own."""

    def __init__(self, pair, log):
        self.pair, self.log = pair, log
        self._within = [*pair.within(pair.here), "nsenter", "--mount", f"--target={log._process.pid}", "--wd=/"]

    def serving(self, *words):
        """A server that runs here in the foreground while the context lasts; yields its process."""
        return started([*self._within, *words])

    def outside(self):
        """This thread is where the outsider is."""
        return self.pair.inside(self.pair.there)

    def attack(self, *words):
        """Run a program where the outsider is."""
        within = self.pair.within(self.pair.there)
        return subprocess.run([*within, *map(str, words)], capture_output=True, timeout=60, check=False)


@contextlib.contextmanager
def attacked(kernel="no"):
    """The host, its cable and its outsider; `kernel="yes"`: its journal has what the kernel says."""
    with lab() as pair, journald(kernel=kernel) as log:
        for host, device, own, other in (
            (pair.here, pair.watched, HERE, OUTSIDER),
            (pair.there, pair.other, OUTSIDER, HERE),
        ):
            pair.run(host, "ip", "address", "add", f"{own}/32", "dev", device)
            pair.run(host, "ip", "route", "add", other, "dev", device, "src", own)
        yield Host(pair, log)
