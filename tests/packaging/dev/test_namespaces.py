# SPDX-License-Identifier: Apache-2.0
import os
import signal
import subprocess
import sys
from pathlib import Path

import namespaces
import pytest

pytestmark = [pytest.mark.root, pytest.mark.namespaces, pytest.mark.peer("ip")]
BENCH = """
import subprocess, sys, namespaces
name = sys.argv[1]
namespaces.end_in_order()
with namespaces.namespace(name):
    subprocess.run(["ip", "link", "add", name, "type", "veth", "peer", "name", name + "1", "netns", name], check=True)
    with subprocess.Popen(["ip", "netns", "exec", name, "sleep", "60"]) as inside:
        try:
            print("ready", flush=True)
            inside.wait()
        finally:
            inside.kill()
"""


@pytest.fixture
def name():
    return f"gst{os.getpid()}"


def ended(name, number):
    """A bench in the middle of its work that is sent a signal: how it ended, and what it said."""
    words = [sys.executable, "-c", BENCH, name]
    path = {**os.environ, "PYTHONPATH": str(Path(namespaces.__file__).parent)}
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=path) as bench:
        assert bench.stdout.readline() == "ready\n"
        bench.send_signal(number)
        if number == signal.SIGKILL:
            bench.stderr.close()  # the program it left over holds the other end
            return bench.wait(60), ""
        return bench.wait(60), bench.stderr.read()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_bench_that_is_ended_leaves_no_namespace_and_says_nothing(name, number):
    assert ended(name, number) == (128 + number, "")
    assert not (namespaces.NAMED / name).exists()


def test_what_a_killed_bench_left_over_is_removed_with_all_that_runs_in_it(name, capfd):
    assert ended(name, signal.SIGKILL)[0] == -signal.SIGKILL
    assert (namespaces.NAMED / name).exists()

    with namespaces.namespace(name, link=name):
        assert not Path(f"/sys/class/net/{name}").exists()
        left = subprocess.run(["ip", "netns", "pids", name], capture_output=True, text=True, check=True).stdout

    assert left == ""
    assert "left over" in capfd.readouterr().err
    assert not (namespaces.NAMED / name).exists()
