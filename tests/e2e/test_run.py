# SPDX-License-Identifier: Apache-2.0
"""`make run` as a person has it: started, read, an alert seen, Ctrl-C, and started again on the same data."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil

from support.patience import Patience
from support.ports import free_ports

RUN = Path(__file__).resolve().parents[2] / "packaging" / "dev" / "run.py"
IN_THE_BACKGROUND = ("sh", "-c", 'trap "" INT; exec "$@"', "sh")
"""As a script begins what it does not wait for (POSIX, Shell Command Language, 2.11): interrupts are ignored."""


@contextlib.contextmanager
def running(folder, ports, end, code=0):
    names = ("--console-port", "--ingest-port", "--enrol-port")
    words = [word for name, port in zip(names, ports, strict=True) for word in (name, str(port))]
    process = subprocess.Popen(
        [*IN_THE_BACKGROUND, sys.executable, RUN, "--data", folder, *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        start_new_session=True,
    )
    said = []
    reader = threading.Thread(target=lambda: said.extend(iter(process.stdout.readline, "")), daemon=True)
    reader.start()
    try:
        yield said
        end(psutil.Process(process.pid))
        assert process.wait(60) == code
        reader.join(60)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        process.stdout.close()


def interrupted(process):
    process.send_signal(signal.SIGINT)


def hung_up(process):
    process.send_signal(signal.SIGHUP)


def bereft_of_its_collector(process):
    for child in process.children():
        if "giamsat_collector" in child.cmdline():
            child.kill()


COUNTED = r"New listening port .*×\d"
"""Ports that other tests open on this host meanwhile are counted as well."""


def heard(said, pattern, seconds):
    patience = Patience(seconds)
    while patience.lasts():
        for line in list(said):
            if found := re.search(pattern, line):
                return found
        time.sleep(0.05)
    raise AssertionError(f"{pattern!r} was not printed within {seconds} s:\n{''.join(said)}")


def test_it_introduces_itself_shows_an_alert_stops_cleanly_and_goes_on(tmp_path):
    ports = free_ports(3)
    with running(tmp_path / "data", ports, interrupted) as said:
        heard(said, r"first sample after\s+[0-9.]+ s", 60)
        assert heard(said, r"console\s+https://localhost:(\d+)/", 5)[1] == str(ports[0])
        assert heard(said, r"first login\s+admin\s+(\S{20,})", 5)
        heard(said, "listening ports", 10)
        heard(said, "Ctrl-C stops both", 10)
        again = subprocess.run(
            [sys.executable, RUN, "--data", tmp_path / "data"], capture_output=True, text=True, check=False
        )
        assert (again.returncode, "already; stop it" in again.stderr) == (1, True), again.stdout
        with contextlib.ExitStack() as opened:
            # What is open when the agent first looks is no news to it, so one may not be enough.
            for _ in range(5):
                opened.enter_context(socket.create_server(("0.0.0.0", 0)))
                with contextlib.suppress(AssertionError):
                    heard(said, COUNTED, 15)
                    break
            heard(said, COUNTED, 1)
    assert "the data stays in" in said[-1]

    with running(tmp_path / "data", ports, hung_up) as said:
        heard(said, COUNTED, 40)
    assert "the data stays in" in said[-1]
    database = tmp_path / "data" / "collector" / "giamsat.db"
    assert database.exists()

    with running(tmp_path / "data", ports, bereft_of_its_collector, 1) as said:
        heard(said, "Ctrl-C stops both", 60)
    assert said[-1].startswith("make run: the collector ended; "), said
