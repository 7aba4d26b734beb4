# SPDX-License-Identifier: Apache-2.0
"""A real snmpsim on a free port of loopback, that plays devices from what is written down of them."""

import contextlib
import grp
import os
import pwd
import subprocess

from support.peers import program
from support.ports import free_ports
from support.until import listening_udp

STARTED = "import importlib.util, runpy, sys; del sys.argv[0]; runpy.run_path(sys.argv[0], run_name='__main__')"
"""As Debian's Python starts it. Ubuntu 24.04's pysnmp leans on a module that nobody imports before it there."""


@contextlib.contextmanager
def playing(folder, devices):
    """Its port, once it answers. `devices` are by community: each object's text, number, or after → an identifier."""
    data, cache = folder / "data", folder / "cache"
    data.mkdir()
    cache.mkdir()
    for community, objects in devices.items():
        lines = sorted(objects.items(), key=lambda one: [int(arc) for arc in one[0].split(".")])
        (data / f"{community}.snmprec").write_text("".join(f"{oid}|{_said(value)}\n" for oid, value in lines))
    (port,) = free_ports(1)
    words = [f"--data-dir={data}", f"--cache-dir={cache}", f"--agent-udpv4-endpoint=127.0.0.1:{port}"]
    # Started by root it wants to know whom to be; the folder is only that one's.
    user, group = pwd.getpwuid(os.getuid()).pw_name, grp.getgrgid(os.getgid()).gr_name
    words += [f"--process-user={user}", f"--process-group={group}", "--logging-method=null"]
    started = ["/usr/bin/python3", "-c", STARTED, str(program("snmpsimd")), *words]
    with subprocess.Popen(started, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            listening_udp(port, process)
            yield port
        finally:
            process.terminate()
            process.wait()


def _said(value):
    if isinstance(value, int):
        return f"2|{value}"
    return f"6|{value.removeprefix('→')}" if value.startswith("→") else f"4|{value}"
