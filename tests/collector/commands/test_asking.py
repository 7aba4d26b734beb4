# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_collector.commands.asking import content, load, path_of, request
from giamsat_collector.control.client import NotRunningError
from giamsat_collector.errors import RefusedError


def test_the_file_that_is_named_is_read(tmp_path):
    config = tmp_path / "c.toml"
    config.write_text('data = "/somewhere"\n')

    assert path_of(config) == config
    assert load(config).data == "/somewhere"


def test_without_a_running_collector_the_next_step_is_said(tmp_path):
    config = tmp_path / "c.toml"
    config.write_text(f'data = "{tmp_path}"\n')

    with pytest.raises(NotRunningError, match="giamsat-collector run"):
        request(config, "status")


def test_a_file_is_read_whole_or_refused_with_what_to_do(tmp_path):
    file = tmp_path / "f.csv"
    file.write_bytes(b"a" * 2_048)

    assert content(file, 2_048) == b"a" * 2_048
    with pytest.raises(RefusedError, match=r"f\.csv: larger than 1 KiB; divide it"):
        content(file, 1_024)
    with pytest.raises(RefusedError, match="no: cannot be read: No such file or directory; name a file"):
        content(tmp_path / "no", 1)
