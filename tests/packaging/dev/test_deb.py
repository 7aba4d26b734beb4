# SPDX-License-Identifier: Apache-2.0
"""A package's whole life by a real dpkg: fresh, upgraded, its place taken, removed, purged; and what goes wrong."""

import os
import shutil

import deb
import pytest

from support.stand_in import PYTHON, told_on_a_host, tree

pytestmark = [
    pytest.mark.peer("dpkg"),
    pytest.mark.skipif(
        shutil.which(f"python{PYTHON}", path="/usr/bin") is None, reason="the host has no such Python in /usr/bin"
    ),
]
LIFE = """
cd {folder}
echo 'raise SystemExit("read as root from the folder it was called in")' | tee venv.py >platform.py
python=/usr/bin/python{python}
mount --bind /dev/null $python
== lacking dpkg -i old.deb
umount $python
== fresh dpkg --configure -a
== found sh -c 'readlink /opt/giamsat-agent; stat -c "%U %a" /var/lib/giamsat-agent; giamsat-agent status
  readlink /etc/systemd/system/multi-user.target.wants/giamsat-agent.service; ls /etc/systemd/system/giamsat-*'
== enrolled sh /usr/share/giamsat/agent/install.sh --collector soc.example
echo '# ours' >>/etc/giamsat/agent.toml
echo frames >/var/lib/giamsat-agent/waiting
mkdir -p elsewhere/new
== unpacked env CDPATH=$PWD/elsewhere sh new/install.sh
== upgraded sh -c 'dpkg -i new.deb; readlink /opt/giamsat-agent'
== back sh -c 'sh $0/install.sh --back; readlink /opt/giamsat-agent' /usr/share/giamsat/agent
== forward sh -c 'dpkg -i new.deb; readlink /opt/giamsat-agent'
rm /opt/giamsat-agent/bin/python
== triggered sh -c 'dpkg-trigger --by-package=giamsat-agent $0; dpkg --triggers-only --pending' $python
== foreign sh new/install.sh --remove
== works giamsat-agent status
== extras sh -c 'dpkg -i extras.deb; giamsat-agent status; ls /etc/systemd/system/giamsat-*'
== leftover dpkg --purge giamsat-agent
rm -r /usr/share/giamsat/agent
== removed dpkg --remove giamsat-agent-extras
== stays sh -c 'tail -qn 1 /etc/giamsat/agent.toml /var/lib/giamsat-agent/waiting; ls /opt'
== purged dpkg --purge giamsat-agent-extras
== nothing find /opt /etc /usr/local /usr/share /var/lib -path '/opt/.over*' -prune -o -name '*giamsat*' -print
"""


@pytest.fixture(scope="module")
def life(tmp_path_factory):
    folder = tmp_path_factory.mktemp("packages")
    for file, name, release in (
        ("old", "agent", "0.9rc1"), ("new", "agent", "0.9"), ("extras", "agent-extras", "0.9")
    ):  # fmt: skip
        top = tree(name, release, folder)
        shutil.copytree(top, folder / file)
        deb.pack(name, top, folder).rename(folder / f"{file}.deb")
    return told_on_a_host(LIFE.format(folder=folder, python=PYTHON))


@pytest.mark.root
@pytest.mark.namespaces
def test_fresh_it_is_set_to_run_with_the_system_and_says_what_comes_next(life):
    assert f"one of these Pythons is needed: {PYTHON}; máy này có" in life["lacking"]
    assert life["lacking"].endswith("exit 1\n")

    assert life["fresh"].endswith("exit 0\n")
    assert "sudo sh /usr/share/giamsat/agent/install.sh --collector HOST" in life["fresh"]
    assert life["found"].splitlines()[1:] == [
        "giamsat-agent 700",
        "stand-in ['status']",
        "/etc/systemd/system/giamsat-agent.service",
        "/etc/systemd/system/giamsat-agent.service",
        "/etc/systemd/system/giamsat-clock.service",
        "exit 0",
    ]
    assert "stand-in ['enrol', '--config', '/etc/giamsat/agent.toml', '--collector'" in life["enrolled"]


@pytest.mark.root
@pytest.mark.namespaces
def test_a_newer_one_by_package_or_bundle_keeps_what_is_the_hosts_and_there_is_a_way_back(life):
    assert "/opt/giamsat/agent-0.9rc1-" in life["found"]
    assert "agent.toml; mẫu mới / the new example: /etc/giamsat/agent.toml.new" in life["unpacked"]
    assert "đã có sẵn" in life["upgraded"]
    assert "/opt/giamsat/agent-0.9-" in life["upgraded"]
    assert "/opt/giamsat/agent-0.9rc1-" in life["back"]
    assert "/opt/giamsat/agent-0.9-" in life["forward"]
    assert "apt remove giamsat-agent" in life["foreign"]
    assert life["foreign"].endswith("exit 1\n")


@pytest.mark.root
@pytest.mark.namespaces
def test_when_the_systems_python_is_exchanged_the_program_is_made_anew(life):
    assert life["triggered"].endswith("exit 0\n")
    assert life["works"] == "stand-in ['status']\nexit 0\n"


@pytest.mark.root
@pytest.mark.namespaces
def test_the_one_with_packets_takes_its_place_with_all_its_data(life):
    assert "stand-in ['status']" in life["extras"]
    assert "giamsat-capture.service" in life["extras"]
    assert "is still installed here" in life["leftover"]
    assert life["leftover"].endswith("exit 0\n")


@pytest.mark.root
@pytest.mark.namespaces
def test_removed_it_leaves_what_is_the_hosts_and_purged_nothing_and_says_so(life):
    assert "what stays: /etc/giamsat/agent.toml /var/lib/giamsat-agent" in life["removed"]
    assert life["stays"] == "# ours\nframes\nexit 0\n"
    assert "are gone: /etc/giamsat/agent.toml /var/lib/giamsat-agent" in life["purged"]
    assert life["nothing"] == "exit 0\n"


def test_the_same_folder_makes_the_same_bytes_whatever_the_time_and_the_habits(tmp_path):
    top = tree("agent", "0.9", tmp_path)
    first = deb.pack("agent", top, tmp_path / "first").read_bytes()
    before = os.umask(0o077)
    try:
        again = shutil.copytree(top, tmp_path / "again")
        second = deb.pack("agent", again, tmp_path / "second").read_bytes()
    finally:
        os.umask(before)

    assert first == second
