# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.sensors.os_release import OsRelease, parse, samples
from support.pretend_host import by_series, empty_host, pretend_host, reading


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("NAME=Fedora", "Fedora"),
        ('NAME="Red Hat"', "Red Hat"),
        ("NAME='Alpine Linux'", "Alpine Linux"),
        (r'NAME="a \"b\" \$c \\d"', r'a "b" $c \d'),
        ('NAME=""', ""),
    ],
)
def test_quotes_are_undone(line, value):
    assert parse(f"# a comment\n{line}\nID=x\n")["NAME"] == value


@pytest.mark.parametrize(("version", "number"), [("12", 12), ("24.04", 24.04), ("3.19.1", 3.19)])
def test_the_leading_number_of_the_version_is_reported(version, number):
    assert by_series(samples({"VERSION_ID": version, "ID": "x"}))["node_os_version", "x", "", ""] == number


def test_a_rolling_distribution_has_no_version():
    assert [sample.name for sample in samples({"ID": "arch"})] == ["node_os_info"]


def test_the_distribution_is_told_by_labels():
    series = reading(OsRelease(pretend_host()))

    assert series["node_os_version", "debian", "", "Debian GNU/Linux"] == 12


def test_the_distributions_own_copy_stands_in_for_a_missing_file(tmp_path):
    host = empty_host(tmp_path)
    (host.root / "usr/lib").mkdir(parents=True)
    (host.root / "usr/lib/os-release").write_text("ID=alpine\nVERSION_ID=3.19\n")

    assert reading(OsRelease(host))["node_os_version", "alpine", "", ""] == 3.19
