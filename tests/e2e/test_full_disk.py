# SPDX-License-Identifier: Apache-2.0
"""A disk without a free byte, at either end: nothing is lost, and all goes on by itself once there is room."""

import contextlib
import subprocess
import time

import pytest

from giamsat_agent import status
from support.auth_log import failed_login
from support.journald import journald
from support.site import site

pytestmark = [pytest.mark.root, pytest.mark.namespaces, pytest.mark.peer("journalctl")]
RULE = "ssh_brute_force"


class SmallDisk:
    """A file system in memory that can be filled to the last byte."""

    def __init__(self, folder):
        self._ballast = folder / "ballast"

    def fill(self):
        with contextlib.suppress(OSError), self._ballast.open("wb", buffering=0) as file:
            for size in (1 << 20, 1 << 12, 1):
                with contextlib.suppress(OSError):
                    while file.write(bytes(size)):
                        pass

    def empty(self):
        self._ballast.unlink()


@contextlib.contextmanager
def small_disk(folder, mib):
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={mib}m,mode=700", "none", folder], check=True)
    try:
        yield SmallDisk(folder)
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def guess(log, times):
    for number in range(times):
        log.say("sshd", f"Failed password for root from 192.0.2.7 port {number} ssh2")


def counts(here, agent):
    return [alert["count"] for alert in here.alerts(rule=RULE, asset=agent)]


def counted_to_the_last(here, disk):
    """What happens while the disk is full is told, whole and once, when there is room."""
    with journald() as log:
        agent, process = here.agent("host", level=5, within=log.within)
        here.reads(agent)

        disk.fill()
        for _ in range(10):
            guess(log, 50)
            time.sleep(0.3)
        count_while_full = sum(counts(here, agent))
        assert (process.poll(), here.collector.poll()) == (None, None)
        disk.empty()
        here.until(lambda: counts(here, agent) == [500], 40, "all are counted")
        # What would be told twice comes before what happens now.
        guess(log, 1)
        here.until(lambda: sum(counts(here, agent)) > 500, 20, "the next one is counted")

    assert count_while_full < 500
    assert counts(here, agent) == [501]


def test_what_happens_while_the_collectors_disk_is_full_is_counted_once_there_is_room(tmp_path):
    with small_disk(tmp_path / "collector", mib=48) as disk, site(tmp_path) as here:
        counted_to_the_last(here, disk)


def test_the_status_of_a_host_says_that_its_disk_is_full_for_as_long_as_it_is(here, tmp_path):
    def problem():
        found = status.read(tmp_path / "host")
        return found and found.failing.get("spool", "")

    log = tmp_path / "root/var/log/auth.log"
    log.parent.mkdir(parents=True)
    log.touch()
    with small_disk(tmp_path / "host", mib=48) as disk:
        agent, _ = here.agent("host", level=3, settings=f'[host]\nroot = "{tmp_path / "root"}"\n')
        here.reads(agent)
        here.until(lambda: problem() == "", 20, "all is well")
        disk.fill()
        # More than the rest of the page that the spool wrote to last: figures alone would fill that in a minute.
        with log.open("a") as file:
            file.writelines(failed_login("192.0.2.7", port) for port in range(1000))
        here.until(problem, 60, "the status says why nothing is kept")
        said = problem()
        disk.empty()
        here.until(lambda: problem() == "", 30, "all is well again")

    assert "No space left on device; giải phóng chỗ trên đĩa" in said


def test_what_happens_while_a_hosts_disk_is_full_is_counted_once_there_is_room(here, tmp_path):
    with small_disk(tmp_path / "host", mib=48) as disk:
        counted_to_the_last(here, disk)
