# SPDX-License-Identifier: Apache-2.0
import os

import pytest

from giamsat_agent.sensors import textfile
from giamsat_agent.sensors.textfile import FILE_BYTES, FILES, SERIES, TextFiles, parse
from giamsat_wire.record import Sample
from support.pretend_host import by_series, empty_host, reading


@pytest.fixture
def written(tmp_path):
    """Write one of the host's text files."""
    folder = tmp_path / "root" / textfile.FOLDER
    folder.mkdir(parents=True)

    def write(name, content):
        path = folder / name
        path.write_text(content)
        os.utime(path, (1_000, 1_000))
        return str(path)

    return write


def test_a_host_without_text_files_has_no_fault(tmp_path):
    assert reading(TextFiles(empty_host(tmp_path))) == {("node_textfile_scrape_error",): 0}


def test_what_a_script_wrote_is_read_with_the_time_it_was_written(tmp_path, written):
    path = written("backup.prom", '# TYPE backup_last_success gauge\nbackup_last_success{job="db",at="q\\"1"} 1.5e9\n')

    assert reading(TextFiles(empty_host(tmp_path))) == {
        ("backup_last_success", 'q"1', "db"): 1.5e9,
        ("node_textfile_mtime_seconds", path): 1_000,
        ("node_textfile_scrape_error",): 0,
    }


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("not a metric at all {", id="no format"),
        pytest.param("late 1 1700000000000\n", id="a timestamp"),
        pytest.param("node_load1 99\n", id="a name of our own"),
        pytest.param("node_memory_Anything_bytes 1\n", id="a family of our own"),
        pytest.param("".join(f"many_{number} 1\n" for number in range(SERIES + 1)), id="too many series"),
        pytest.param("wide{" + ",".join(f'l{n}="x"' for n in range(17)) + "} 1\n", id="too many labels"),
        pytest.param('long{l="' + "x" * 513 + '"} 1\n', id="too long a label"),
        pytest.param("#" + "x" * FILE_BYTES, id="too long a file"),
    ],
)
def test_a_file_that_cannot_be_read_is_a_fault_and_the_others_are_read(tmp_path, written, content):
    written("a-wrong.prom", content)
    written("b-right.prom", "right 1\n")

    found = reading(TextFiles(empty_host(tmp_path)))

    assert found["node_textfile_scrape_error",] == 1
    assert found["right",] == 1
    assert not any(name.startswith(("late", "node_load1", "node_memory", "many", "wide", "long")) for name, *_ in found)


def test_more_files_than_can_be_read_are_a_fault(tmp_path, written):
    for number in range(FILES + 1):
        written(f"{number:03}.prom", f"of_{number} 1\n")

    found = by_series(TextFiles(empty_host(tmp_path)).read())

    assert found["node_textfile_scrape_error",] == 1
    assert sum(name.startswith("of_") for name, *_ in found) == FILES


def test_labels_come_sorted():
    assert parse('m{b="2",a="1"} 3\n') == [Sample("m", 3.0, (("a", "1"), ("b", "2")))]
