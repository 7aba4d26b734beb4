# SPDX-License-Identifier: Apache-2.0
import asyncio
import os
import shutil
import subprocess
import time

import pytest

from giamsat_agent.check import Failure
from support.checking import once, values


@pytest.fixture
def running(tmp_path):
    """Start programs of a name of our own, one after the other."""
    started = []

    def start(name, *words):
        program = tmp_path / name
        if not program.exists():
            shutil.copy("/bin/sleep", program)
        started.append(subprocess.Popen([program, "30", *words]))
        return started[-1]

    yield start
    for one in started:
        one.kill()
        one.wait()


async def test_real_processes_of_a_name_are_counted_since_they_began(running):
    before = time.time()
    running("gs-portal")
    running("gs-portal", "1")

    found = await once(what="process", target="gs-portal")
    one = await once(what="process", target="gs-portal", command_has=["30 1"])
    few = await once(what="process", target="gs-portal", count_least=3)
    many = await once(what="process", target="gs-portal", count_most=1)

    figures = values(found)
    assert found.reason == ""
    assert figures["namedprocess_namegroup_num_procs", "gs-portal"] == 2
    assert figures["namedprocess_namegroup_memory_bytes", "gs-portal", "resident"] > 100_000
    assert abs(figures["namedprocess_namegroup_oldest_start_time_seconds", "gs-portal"] - before) < 3
    assert values(one)["namedprocess_namegroup_num_procs", "gs-portal"] == 1
    assert few.reason == "2 processes of gs-portal run, fewer than 3"
    assert many.reason == "2 processes of gs-portal run, more than 1"


async def test_what_ended_does_not_run_and_a_long_name_is_told_from_one_that_begins_alike(running):
    running("gs-portal-document-converter")
    killed = running("gs-portal-documentation")
    killed.kill()
    # Dead, and not yet collected by who started it.
    await asyncio.to_thread(os.waitid, os.P_PID, killed.pid, os.WEXITED | os.WNOWAIT)

    found = await once(what="process", target="gs-portal-document-converter")
    ended = await once(what="process", target="gs-portal-documentation")
    none = await once(what="process", target="gs-portal-docum")

    assert found.reason == ""
    assert (ended.failure, ended.reason) == (
        Failure.WRONG_ANSWER,
        "0 processes of gs-portal-documentation run, fewer than 1",
    )
    assert values(none)["namedprocess_namegroup_num_procs", "gs-portal-docum"] == 1, "all that the kernel tells of one"
