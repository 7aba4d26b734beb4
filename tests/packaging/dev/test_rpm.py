# SPDX-License-Identifier: Apache-2.0
"""A package's life by a real rpm, on a Debian whose rpm knows of no other package: taken in, upgraded, erased."""

import shutil
import subprocess

import pytest
import rpm

from support.stand_in import PYTHON, told_on_a_host, tree

pytestmark = [
    pytest.mark.peer("rpmbuild"),
    pytest.mark.skipif(
        shutil.which(f"python{PYTHON}", path="/usr/bin") is None, reason="the host has no such Python in /usr/bin"
    ),
]
LIFE = """
cd {folder}
rpm="rpm --force-debian --nodeps"
== fresh $rpm --install old.rpm
== found sh -c 'readlink /opt/giamsat-agent; giamsat-agent status; rpm --query --whatprovides giamsat-agent'
== enrolled sh /usr/share/giamsat/agent/install.sh --collector soc.example
echo '# ours' >>/etc/giamsat/agent.toml
== upgraded $rpm --upgrade new.rpm
== newer sh -c 'readlink /opt/giamsat-agent; tail -n 1 /etc/giamsat/agent.toml; rpm --verify --nodeps giamsat-agent'
rm -r /usr/share/giamsat/agent
== erased $rpm --erase giamsat-agent
== stays find /opt /etc /usr/local /usr/share /var/lib -path '/opt/.over*' -prune -o -name '*giamsat*' -print
"""


@pytest.mark.root
@pytest.mark.namespaces
def test_the_package_lives_on_a_host_and_leaves_what_is_the_hosts(tmp_path):
    for file, release in (("old", "0.9rc1"), ("new", "0.9")):
        rpm.pack("agent", tree("agent", release, tmp_path), tmp_path).rename(tmp_path / f"{file}.rpm")

    life = told_on_a_host(LIFE.format(folder=tmp_path))

    assert "sudo sh /usr/share/giamsat/agent/install.sh --collector HOST" in life["fresh"], life
    assert life["found"].splitlines()[1:] == ["stand-in ['status']", "giamsat-agent-0.9~rc1-1.x86_64", "exit 0"]
    assert "stand-in ['enrol'" in life["enrolled"]
    assert "the new example: /etc/giamsat/agent.toml.new" in life["upgraded"]
    link, kept, *verified = life["newer"].splitlines()
    assert "/opt/giamsat/agent-0.9-" in link
    assert (kept, verified) == ("# ours", ["exit 0"])
    assert "what stays: /etc/giamsat/agent.toml /var/lib/giamsat-agent" in life["erased"]
    assert life["stays"].splitlines() == ["/etc/giamsat", "/var/lib/giamsat-agent", "exit 0"]


def test_it_asks_for_a_python_it_can_use_and_the_same_folder_makes_the_same_bytes(tmp_path):
    top = tree("agent-extras", "0.9", tmp_path)
    made = [rpm.pack("agent-extras", top, tmp_path / name) for name in ("first", "second")]

    assert made[0].read_bytes() == made[1].read_bytes()
    asked = subprocess.run(
        ["rpm", "--query", "--requires", "--conflicts", made[0]], capture_output=True, text=True, check=True
    )
    assert {f"(/usr/bin/python{PYTHON})", "/usr/sbin/useradd", "giamsat-agent"} <= set(asked.stdout.splitlines())
