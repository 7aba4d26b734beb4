# SPDX-License-Identifier: Apache-2.0
"""A real OpenSSH server on a port of loopback with keys and settings of its own, and its real client."""

import os
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

from support.peers import program
from support.ports import free_ports

STARTS_WITHIN_S = 60


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
        until = time.monotonic() + STARTS_WITHIN_S
        size = -1
        while time.monotonic() < until and (size != self._log.stat().st_size or size == self._read):
            size = self._log.stat().st_size
            time.sleep(0.3)
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
        "ListenAddress 127.0.0.1",
        "ListenAddress ::1",
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
            until = time.monotonic() + STARTS_WITHIN_S
            while b"listening" not in log.read_bytes() and time.monotonic() < until:
                assert process.poll() is None, log.read_text()
                time.sleep(0.05)
            time.sleep(0.2)
            yield Server(folder, port, process)
        finally:
            process.terminate()
