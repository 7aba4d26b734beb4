# SPDX-License-Identifier: Apache-2.0
"""A real systemd-journald in a mount namespace of its own, with a /run, a /dev and a journal that nobody else sees."""

import socket
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

STARTS_WITHIN_S = 60
PROGRAMS = ("/usr/lib/systemd/systemd-journald", "/lib/systemd/systemd-journald")
SETTINGS = "[Journal]\nStorage=volatile\nAudit=\nReadKMsg={kernel}\nRateLimitIntervalSec=0\n"
INSIDE = """
set -e
mount -t tmpfs none /run
mkdir -p /run/systemd/journal /run/systemd/journald.conf.d /run/log/journal /run/dev
printf '%s' "$2" > /run/systemd/journald.conf.d/test.conf
mount -t tmpfs none /run/dev
for device in null zero random urandom tty kmsg; do cp -a /dev/$device /run/dev/; done
ln -s /run/systemd/journal/dev-log /run/dev/log
mount --bind /run/dev /dev
exec "$1"
"""


BOOT = """
set -e
cat /proc/sys/kernel/random/uuid > /run/boot
mount --bind /run/boot /proc/sys/kernel/random/boot_id
kill "$2"
while kill -0 "$2" 2> /dev/null && ! grep -q '^State:.Z' "/proc/$2/status"; do sleep 0.05; done
exec "$1"
"""


def program():
    """Where journald lies on this machine."""
    return next(path for path in PROGRAMS if Path(path).exists())


class Journald:
    """A running journald."""

    def __init__(self, process):
        self._process = process
        self.root = Path(f"/proc/{process.pid}/root")

    @property
    def options(self):
        """What tells journalctl to read this journal."""
        return (f"--directory={self.root}/run/log/journal",)

    def run(self, *words, **keywords):
        """Run a program whose syslog(3) comes here."""
        enter = ["nsenter", "--mount", f"--target={self._process.pid}", f"--wd={self.root}/tmp"]
        return subprocess.run([*enter, *words], check=False, timeout=60, **keywords)

    def with_own_accounts(self):
        """From now on /etc and /home are copies, so that accounts made in here are nobody else's."""
        copy = "mkdir /run/etc /run/home && cp -a /etc/. /run/etc && mount --bind /run/etc /etc"
        self.run("sh", "-c", f"{copy} && mount --bind /run/home /home").check_returncode()

    @property
    def within(self):
        """Words that start a program on this host, on the network of the test itself."""
        return ("nsenter", "--mount", f"--target={self._process.pid}", f"--wd={Path.cwd()}")

    def say(self, program, text, *, pid=77):
        """Write one message of the facility authpriv to syslog as this user."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as syslog:
            message = f"<86>Nov 23 12:00:00 {program}[{pid}]: {text}".encode()
            syslog.sendto(message, f"{self.root}/run/systemd/journal/dev-log")

    def boots_again(self):
        """From now on the host is in another boot, with a journald that was started in it."""
        before, until = self._process, time.monotonic() + STARTS_WITHIN_S
        enter = ["nsenter", "--mount", f"--target={before.pid}", "--wd=/", "sh", "-c", BOOT, "sh"]
        self._process = subprocess.Popen([*enter, program(), str(before.pid)], stderr=subprocess.DEVNULL)
        self.root = Path(f"/proc/{self._process.pid}/root")
        before.wait(STARTS_WITHIN_S)
        while self.run("journalctl", "--sync", stderr=subprocess.DEVNULL).returncode:
            assert time.monotonic() < until, "journald did not start again"
            time.sleep(0.05)

    def end(self):
        """End journald, and with it its namespace."""
        self._process.terminate()
        self._process.wait()

    def syslog(self, *programs):
        """What these programs said, as a syslog daemon would write it to a file or send it on."""
        self.synced()
        words = ["journalctl", *self.options, "--quiet", "--output=short"]
        words += [f"--identifier={program}" for program in programs]
        return subprocess.run(words, capture_output=True, check=True).stdout.splitlines()

    def synced(self):
        """Wait until everything said so far can be read."""
        self.run("journalctl", "--sync", stderr=subprocess.DEVNULL)


@contextmanager
def journald(*, kernel="no", audits=False):
    """A journald for the time of a test; `kernel="yes"`: with what the kernel says, of this and of all else.

    The kernel tells of audits on the first network alone, and of all of the machine: no other test is to hear those.
    """
    command = [
        "unshare",
        "--mount",
        "--propagation=private",
        *(() if audits else ("--net",)),
        "sh",
        "-c",
        INSIDE,
        "sh",
        program(),
        SETTINGS.format(kernel=kernel),
    ]
    with subprocess.Popen(command, stderr=subprocess.PIPE) as process:
        assert process.stderr is not None
        here = Journald(process)
        try:
            until = time.monotonic() + STARTS_WITHIN_S
            root = Path(f"/proc/{process.pid}/root/run")
            # It listens before it has a journal that could be read.
            while not ((root / "systemd/journal/dev-log").exists() and any(root.glob("log/journal/*/system.journal"))):
                assert process.poll() is None, process.stderr.read()
                assert time.monotonic() < until, "journald did not start"
                time.sleep(0.05)
            yield here
        finally:
            here.end()
            process.stderr.close()
