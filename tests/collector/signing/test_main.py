# SPDX-License-Identifier: Apache-2.0
"""The signer as a program: how it starts, and how it says that it cannot."""

import contextlib
import signal
import socket
import subprocess
import sys

import pytest


def words(*more):
    return [sys.executable, "-m", "giamsat_collector.signing", *map(str, more)]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("{}/ca", "{}/s", "--for", "nobody-of-that-name"), "there is no such user"),
        (("{}/ca", "{}/none/s"), "socket cannot be made"),
        (("{}/file", "{}/s"), "restore the folder from the backup"),
    ],
)
def test_what_keeps_it_from_starting_is_one_message(tmp_path, given, said):
    (tmp_path / "file").write_text("")

    done = subprocess.run(
        words(*(part.format(tmp_path) for part in given)), capture_output=True, timeout=60, check=False, text=True
    )

    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_it_says_that_it_is_ready_signs_and_ends_in_order(tmp_path):
    with contextlib.closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(60)
        signer = subprocess.Popen(
            words(tmp_path / "ca", tmp_path / "s"),
            env={"NOTIFY_SOCKET": str(tmp_path / "notify")},
            stderr=subprocess.PIPE,
        )
        ready = manager.recv(64)
        signer.send_signal(signal.SIGTERM)
        _, said = signer.communicate(timeout=60)

    assert (ready, signer.returncode) == (b"READY=1", 0)
    assert b'"signer_started"' in said
    assert not (tmp_path / "s").exists()
