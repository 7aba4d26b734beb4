# SPDX-License-Identifier: Apache-2.0
"""The signer and the collector as two users, as the packages run them: the collector can never read a key of the CA."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization

from support.daemons import started
from support.site import site

SIGNER, COLLECTOR, STRANGER = 64_011, 64_012, 64_013


def user(uid):
    return ["setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups"]


pytestmark = [
    pytest.mark.root,
    pytest.mark.skipif(
        shutil.which("setpriv") is None
        or subprocess.run([*user(STRANGER), sys.executable, "-c", "import giamsat_collector"], check=False).returncode,
        reason="another user cannot run this checkout",
    ),
]


class Keys:
    """The signer's folder and its process."""

    def __init__(self, folder):
        self.folder, self.socket = folder / "keys" / "ca", folder / "run" / "signer.sock"
        for name, uid, mode in (("keys", SIGNER, 0o700), ("run", SIGNER, 0o755), ("collector", COLLECTOR, 0o700)):
            (folder / name).mkdir(mode=mode)
            os.chown(folder / name, uid, uid)
        module = ["-m", "giamsat_collector.signing", str(self.folder), str(self.socket), "--for", str(COLLECTOR)]
        self.running = contextlib.ExitStack()
        self._words = [*user(SIGNER), sys.executable, *module]
        self.start()

    def start(self):
        self.pid = self.running.enter_context(started(self._words)).pid


def secrets_of(folder):
    """Every private key in a folder, as the bytes it has in a file and in memory, in either order of bytes."""
    for path in folder.rglob("*.key"):
        pem = path.read_bytes()
        number = serialization.load_pem_private_key(pem, None).private_numbers().private_value
        size = (number.bit_length() + 7) // 8
        yield from (pem.splitlines()[1], number.to_bytes(size, "big"), number.to_bytes(size, "little"))


@pytest.fixture(scope="module")
def two():
    """A site whose collector asks a signer of another user; the signer's process is started anew when it ends."""
    folder = Path(tempfile.mkdtemp(prefix="giamsat-", dir="/srv"))
    folder.chmod(0o755)
    keys = Keys(folder)
    settings = f'[authority]\nsigner = "{keys.socket}"\n'
    with keys.running, site(folder, settings, user(COLLECTOR)) as here:
        keys.agent, _ = here.agent("host", level=3)
        yield here, keys
    shutil.rmtree(folder)


def memory(pid):
    """Everything a process has in memory, but for what it gives back meanwhile."""
    with Path(f"/proc/{pid}/maps").open() as maps, Path(f"/proc/{pid}/mem").open("rb", 0) as mem:
        for line in maps:
            area, rights, *_ = line.split()
            begin, end = (int(part, 16) for part in area.split("-"))
            if rights.startswith("rw"):
                mem.seek(begin)
                with contextlib.suppress(OSError):
                    yield mem.read(end - begin)


def asked(keys, request, uid):
    """What the signer answers a user."""
    words = (
        "import contextlib, socket, sys\ns = socket.socket(socket.AF_UNIX)\ns.connect(sys.argv[1])\n"
        "with contextlib.suppress(OSError):\n s.sendall(sys.argv[2].encode() + b'\\n')\nprint(s.makefile().readline())"
    )
    run = [*user(uid), sys.executable, "-c", words, str(keys.socket), json.dumps(request)]
    return json.loads(subprocess.run(run, capture_output=True, check=True, timeout=60).stdout)


def test_no_key_of_the_authority_is_in_the_memory_of_a_collector_that_enrolled_a_host(two):
    here, keys = two
    secrets = list(secrets_of(keys.folder))

    of_signer = b"".join(memory(keys.pid))
    of_collector = b"".join(memory(here.collector.pid))
    open_files = [str(path.readlink()) for path in Path(f"/proc/{here.collector.pid}/fd").iterdir()]

    of_host = list(secrets_of(here.folder / "host"))
    on_disk = b"".join(path.read_bytes() for path in (here.folder / "collector").rglob("*") if path.is_file())

    assert (len(secrets), len(of_host)) == (9, 6)
    assert not any(secret in where for secret in of_host for where in (of_collector, of_signer, on_disk))
    assert not any(secret in on_disk for secret in secrets)
    assert any(secret in of_signer for secret in secrets), "the search would find a key where there is one"
    assert not any(secret in of_collector for secret in secrets)
    assert not [name for name in open_files if name.startswith(str(keys.folder.parent))]


def test_the_collectors_user_reaches_neither_the_files_nor_the_memory_of_the_signer(two):
    _, keys = two
    places = [*keys.folder.rglob("*.key"), keys.folder / "issued.jsonl", Path(f"/proc/{keys.pid}/mem")]

    opened = [
        subprocess.run([*user(uid), "head", "-c1", str(path)], capture_output=True, check=False).returncode == 0
        for uid in (COLLECTOR, STRANGER)
        for path in places
    ]

    assert len(opened) == 10
    assert not any(opened)
    # Not even a process of the signer's own user may look into it.
    assert Path(f"/proc/{keys.pid}/mem").stat().st_uid == 0


def test_the_collector_cannot_rotate_and_a_stranger_is_not_served_at_all(two):
    _, keys = two

    assert asked(keys, {"do": "roots"}, COLLECTOR)["version"] == 1
    assert asked(keys, {"do": "rotate"}, COLLECTOR)["refused"] == "user"
    assert asked(keys, {"do": "roots"}, STRANGER)["refused"] == "user"


def test_while_the_signer_is_dead_frames_come_in_enrolment_says_so_and_an_alert_is_raised(two):
    here, keys = two
    token, config = here.token(level=3), here.host("second")
    os.kill(keys.pid, signal.SIGKILL)

    refused = here.enrol_with(token, config)
    before = here.ask("status")["frames_received"]
    here.until(lambda: here.ask("status")["frames_received"] > before + 1, 15, "frames come in all the same")
    here.until(lambda: here.alerts(rule="collector_signer_failed"), 15, "the alert is raised")
    page = here.fetch("/metrics").decode()
    keys.start()
    here.until(lambda: here.ask("status")["signer"] == "ok", 15, "the signer is back")
    here.enrol_with(token, config).check_returncode()

    assert refused.returncode == 1
    assert "signer does not answer" in refused.stderr.decode()
    assert "giamsat_signer_up 0.0" in page
    assert 'giamsat_signer_refused_total{reason="no_answer"}' in page
    assert 'giamsat_enrol_refused_total{reason="signer"} 3' in page
    (alert,) = here.alerts(rule="collector_signer_failed")
    assert (alert["asset"], alert["count"], here.state(keys.agent)) == ("collector", 1, "live")
