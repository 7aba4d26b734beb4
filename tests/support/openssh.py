# SPDX-License-Identifier: Apache-2.0
"""A real OpenSSH server on a port of loopback with keys and settings of its own, and its real client."""

import os
import re
import subprocess
from contextlib import contextmanager
from pathlib import Path

import psutil

from support.peers import program
from support.ports import free_ports
from support.until import holds

STARTS_WITHIN_S = 60
ADDRESSES = ("127.0.0.1", "::1")


class Server:
    """A running sshd whose log lines are read connection by connection."""

    def __init__(self, folder, port, process):
        self._folder, self._port, self._process = folder, port, process
        self._log = folder / "log"
        self._read = self._log.stat().st_size

    def attempt(self, user, *, method, prompts=1, address="127.0.0.1", key=None):
        """Try to log in with wrong passwords, or with a key; return what sshd wrote about it."""
        askpass = self._folder / "askpass"
        askpass.write_text("#!/bin/sh\necho wrong\n")
        askpass.chmod(0o700)
        options = {
            "PreferredAuthentications": method,
            "NumberOfPasswordPrompts": prompts,
            "StrictHostKeyChecking": "no",
            "UserKnownHostsFile": "/dev/null",
            "IdentitiesOnly": "yes",
            "IdentityFile": key or "/dev/null",
        }
        words = [word for name, value in options.items() for word in ("-o", f"{name}={value}")]
        environment = {"PATH": os.environ["PATH"], "SSH_ASKPASS": str(askpass), "SSH_ASKPASS_REQUIRE": "force"}
        subprocess.run(
            ["ssh", "-F", "none", "-p", str(self._port), "-l", user, *words, address, "true"],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=60,
            check=False,
        )
        return self._new_lines()

    def _new_lines(self):
        # The process that served the connection has written all it has to say once it is gone.
        holds(lambda: not psutil.Process(self._process.pid).children(), STARTS_WITHIN_S, "the connection is over")
        with self._log.open("rb") as file:
            file.seek(self._read)
            content = file.read()
        self._read += len(content)
        return content.decode("utf-8", "backslashreplace").replace("\r", "").splitlines()


@contextmanager
def server(folder: Path, *settings: str):
    """A server with these further lines of sshd_config."""
    sshd, keygen = program("sshd"), program("ssh-keygen")
    (port,) = free_ports(1)
    for name in ("host_key", "client_key"):
        subprocess.run([keygen, "-q", "-t", "ed25519", "-N", "", "-f", folder / name], check=True)
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)
    config = folder / "sshd_config"
    lines = [
        f"Port {port}",
        *(f"ListenAddress {address}" for address in ADDRESSES),
        f"HostKey {folder / 'host_key'}",
        f"AuthorizedKeysFile {folder / 'client_key.pub'}",
        "PidFile none",
        "StrictModes no",
        "UseDNS no",
        *settings,
    ]
    config.write_text("\n".join(lines) + "\n")
    log = folder / "log"
    with log.open("wb") as stderr, subprocess.Popen([sshd, "-D", "-e", "-f", config], stderr=stderr) as process:
        try:
            holds(lambda: _begun(log, process), STARTS_WITHIN_S, "sshd listens")
            yield Server(folder, port, process)
        finally:
            process.terminate()


def _begun(log, process):
    """Whether it has said of each address that it listens there, or why not: what comes later is of connections."""
    said = log.read_bytes()
    assert process.poll() is None, said.decode()
    return len(re.findall(rb"listening on|[Bb]ind to", said)) == len(ADDRESSES)
