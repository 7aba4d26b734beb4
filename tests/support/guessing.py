# SPDX-License-Identifier: Apache-2.0
"""A host with a real sshd and a real journal, and an attacker who guesses passwords, each in a network of its own."""

import contextlib
import itertools
import os
import subprocess

from support.journald import journald
from support.peers import program

_NUMBERS = itertools.count()


class Target:
    """A host that can be attacked over the network."""

    def __init__(self, name, log, address, attacker, key):
        self.name, self.log, self.address, self.attacker, self.key = name, log, address, attacker, key

    @property
    def within(self):
        """Words that start a program on this host, on the network of the test itself."""
        return self.log.within

    def also_from(self, address):
        """Give the attacker a further address."""
        _ip("-n", f"{self.name}-a", "address", "add", f"{address}/24", "dev", f"{self.name}1")

    def guess(self, user, times, source=None):
        """Try so many wrong passwords from an address of the attacker's, one after the other."""
        for number in range(times):
            before = ("sshpass", "-p", f"wrong-{number}")
            self._ssh(user, before, {"PreferredAuthentications": "password"}, source)

    def log_in(self, user, source=None):
        """Get in from an address of the attacker's with a key that the host accepts."""
        own = {"PreferredAuthentications": "publickey", "IdentitiesOnly": "yes", "IdentityFile": self.key}
        return self._ssh(user, (), own, source).returncode == 0

    def _ssh(self, user, before, options, source):
        options = {
            "BindAddress": source or self.attacker,
            "NumberOfPasswordPrompts": "1",
            "StrictHostKeyChecking": "no",
            "UserKnownHostsFile": "/dev/null",
            "ConnectTimeout": "10",
            **options,
        }
        words = [word for key, value in options.items() for word in ("-o", f"{key}={value}")]
        ssh = ["ssh", "-F", "none", "-p", "22", "-l", user, *words, self.address, "true"]
        within = ["ip", "netns", "exec", f"{self.name}-a"]
        return subprocess.run([*within, *before, *ssh], capture_output=True, timeout=60, check=False)


@contextlib.contextmanager
def target(folder, *, address, attacker):
    """A host at `address`, and an attacker at `attacker` beside it."""
    # Other runs of these tests may share the kernel, and an interface's name is short.
    name = f"gs{os.getpid()}{next(_NUMBERS)}"
    with contextlib.ExitStack() as stack:
        log = stack.enter_context(journald())
        _network(stack, name, address, attacker)
        key = folder / f"{name}-client-key"
        _make_key(key)
        stack.enter_context(_sshd(name, folder, log, key))
        yield Target(name, log, address, attacker, key)


def _network(stack, name, address, attacker):
    inside, outside = f"{name}-h", f"{name}-a"
    for namespace in (inside, outside):
        _ip("netns", "add", namespace)
        stack.callback(_ip, "netns", "delete", namespace)
    _ip("link", "add", f"{name}0", "netns", inside, "type", "veth", "peer", "name", f"{name}1", "netns", outside)
    for namespace, device, own in ((inside, f"{name}0", address), (outside, f"{name}1", attacker)):
        flags = ("nodad",) if ":" in own else ()
        _ip("-n", namespace, "address", "add", f"{own}/{64 if ':' in own else 24}", "dev", device, *flags)
        _ip("-n", namespace, "link", "set", device, "up")
        _ip("-n", namespace, "link", "set", "lo", "up")


@contextlib.contextmanager
def _sshd(name, folder, log, accepted):
    key = folder / f"{name}-host-key"
    _make_key(key)
    config = folder / f"{name}-sshd-config"
    lines = (
        "Port 22",
        f"HostKey {key}",
        "AuthorizedKeysFile /run/accepted",
        "PidFile none",
        "StrictModes no",
        "UseDNS no",
        "UsePAM no",
        "PasswordAuthentication yes",
        "PermitRootLogin yes",
        "MaxStartups 100",
        "PerSourceMaxStartups none",
    )
    config.write_text("\n".join(lines) + "\n")
    log.run("mkdir", "-p", "/run/sshd").check_returncode()
    # Where every user of the host can read it.
    log.run("install", "-m", "644", f"{accepted}.pub", "/run/accepted").check_returncode()
    enter = ["nsenter", f"--net=/run/netns/{name}-h", "nsenter", "--mount", f"--target={log._process.pid}"]
    with subprocess.Popen([*enter, str(program("sshd")), "-D", "-f", str(config)]) as process:
        try:
            yield
        finally:
            process.terminate()


def _make_key(path):
    subprocess.run([program("ssh-keygen"), "-q", "-t", "ed25519", "-N", "", "-f", path], check=True)


def _ip(*words):
    subprocess.run([program("ip"), *words], check=True, capture_output=True)
