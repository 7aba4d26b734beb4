# SPDX-License-Identifier: Apache-2.0
import os
import time

from giamsat_agent.check import Failure
from support.checking import once, values


async def test_the_newest_file_counts(tmp_path):
    for name, hours, size in (("a.dump", 50, 9), ("b.dump", 2, 5), ("c.txt", 0, 1)):
        path = tmp_path / name
        path.write_bytes(b"x" * size)
        os.utime(path, (time.time() - hours * 3600,) * 2)
    (tmp_path / "folder.dump").mkdir()
    of = {"what": "backup", "target": f"{tmp_path}/*.dump"}

    good = await once(**of)
    old = await once(**of, hours_most=1)
    small = await once(**of, bytes_least=6)

    assert good.failure is None
    assert values(good)["giamsat_check_newest_file_size_bytes"] == 5
    assert values(good)["giamsat_check_newest_file_mtime_seconds"] - time.time() < -7000
    assert old.reason == "the newest backup is 2.0 hours old, more than 1"
    assert small.reason == "the newest backup has 5 bytes, fewer than 6"


async def test_no_file_at_all_is_a_failure(tmp_path):
    result = await once(what="backup", target=f"{tmp_path}/*.dump")

    assert result.failure is Failure.WRONG_ANSWER
    assert "there is no file" in result.reason
