# SPDX-License-Identifier: Apache-2.0
"""A bundle as a unit gets it: installed without any network, damaged, taken anew, taken back, and enrolled by root."""

import fcntl
import os
import shutil
import subprocess
import tarfile

import bundle
import deb
import pytest

from support.stand_in import ALONE, PYTHON

pytestmark = pytest.mark.skipif(
    shutil.which(f"python{PYTHON}", path="/usr/bin:/usr/local/bin") is None,
    reason="the bundle is made for this version of Python, which this machine has in no usual place",
)


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    return bundle.bundle("agent", [PYTHON], tmp_path_factory.mktemp("dist"))


@pytest.fixture
def unpacked(archive, tmp_path):
    with tarfile.open(archive) as tar:
        tar.extractall(tmp_path, filter="data")
    return tmp_path / archive.name.removesuffix(".tar.gz")


def install(folder, *words):
    command = ["sh", "-c", 'umask 077; exec sh "$@"', "sh", str(folder / "install.sh"), *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def test_the_guides_of_those_who_install_it_lie_within(unpacked):
    assert sorted(each.name for each in (unpacked / "guide").iterdir()) == ["unit.md", "unit.vi.md"]


def test_it_says_first_what_it_would_do_and_takes_no_odd_address(unpacked, tmp_path):
    root = tmp_path / "root"
    words = ("--root", str(root))
    assert "no address" in install(unpacked, *words, "--collector", 'x"; rm -rf /').stderr
    assert "stands in brackets" in install(unpacked, *words, "--collector", "2001:db8::5").stderr
    assert (
        "without: https://" in install(unpacked, *words, "--collector", "https://giamsat.example.gov.vn:8443/").stderr
    )
    for number in (1, 2, 3):
        (unpacked / f"emergency-{number}.pub").write_text("a key")
    planned = install(unpacked, *words, "--dry-run", "--collector", "[2001:db8::1]:7555")
    assert (planned.returncode, root.exists()) == (0, False), planned.stderr
    assert 'addresses = ["[2001:db8::1]:7443"]' in planned.stdout
    assert f"install -m 644 {unpacked}/config/agent.toml {root}/etc/giamsat/agent.toml" in planned.stdout
    assert "process-names" not in planned.stdout
    assert planned.stdout.endswith("looked at only, nothing was done\n")
    assert "what stays" not in install(unpacked, *words, "--remove").stdout
    assert 'emergency_keys = ["/etc/giamsat/emergency-1.pub", "/etc/giamsat/emergency-2.pub"' in planned.stdout


def completed(root, begun):
    """What a bash of somebody who types it there completes."""
    completions = root / "usr/local/share/bash-completion/completions/giamsat-agent"
    program = root / "opt/giamsat-agent/bin/giamsat-agent"
    typed = f". {completions}; COMP_WORDS=(giamsat-agent {begun}) COMP_CWORD=1; _giamsat_agent_completion {program}"
    words = ["bash", "-c", f'{typed}; echo "${{COMPREPLY[@]}}"']
    return subprocess.run(words, capture_output=True, text=True, timeout=60, check=True).stdout


def a_mistyped_collector_is_corrected(unpacked, root):
    config = root / "etc/giamsat/agent.toml"
    mistyped = install(unpacked, "--root", str(root), "--collector", "sco.example")
    assert (mistyped.returncode, "not a whole token" in mistyped.stderr) == (1, True), mistyped.stderr
    install(unpacked, "--root", str(root), "--collector", "soc.example")
    assert 'addresses = ["soc.example:7443"]' in config.read_text()
    assert not config.with_name("agent.toml.new").exists()
    config.write_text((unpacked / "config/agent.toml").read_text())


def it_goes_and_leaves_the_configuration_until_that_is_to_go_too(unpacked, root):
    assert install(unpacked, "--root", str(root), "--remove").returncode == 0
    left = sorted(str(path.relative_to(root)) for path in root.rglob("*giamsat*"))
    assert left == ["etc/giamsat", "var/lib/giamsat-agent"]
    assert (root / "etc/giamsat/agent.toml").exists()
    assert "are gone" in install(unpacked, "--root", str(root), "--purge").stdout
    assert list(root.rglob("*giamsat*")) == []


def test_it_installs_refuses_what_is_damaged_takes_a_newer_one_and_goes_back(unpacked, tmp_path):
    root = tmp_path / "root"
    words = ("--root", str(root))

    first = install(unpacked, *words)
    assert first.returncode == 0, first.stdout + first.stderr
    link = root / "opt/giamsat-agent"
    before = link.resolve()
    said = subprocess.run([link / "bin/giamsat-agent", "--help"], capture_output=True, text=True, check=True)
    assert "enrol" in said.stdout
    assert completed(root, "sp") == "spool\n"
    closed = [
        path for path in (link / "pyvenv.cfg", link / "bin", root / "etc/giamsat") if not path.stat().st_mode & 0o004
    ]
    assert closed == []
    granted = root / "etc/systemd/system/giamsat-agent.service.d/giamsat-agent-process-names.conf"
    assert not granted.exists()
    assert "đã có sẵn" in install(unpacked, *words, "--process-names").stdout
    assert "CAP_SYS_PTRACE" in granted.read_text()
    a_mistyped_collector_is_corrected(unpacked, root)
    assert (root / "etc/giamsat/agent.toml").read_text() == (unpacked / "config/agent.toml").read_text()

    (root / "etc/giamsat/agent.toml").write_text("# ours\n")
    with (unpacked / "SHA256SUMS").open("a") as sums, (unpacked / "newer").open("w"):
        sums.write("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  newer\n")
    newer = install(unpacked, *words)
    assert newer.returncode == 0, newer.stderr
    assert link.resolve() != before
    assert (root / "etc/giamsat/agent.toml").read_text() == "# ours\n"
    assert "agent.toml.new" in newer.stdout
    assert (root / "etc/giamsat/agent.toml.new").exists()

    assert install(unpacked, *words, "--back").returncode == 0
    assert link.resolve() == before

    wheel = next((unpacked / "wheels").glob("rich-*"))
    wheel.write_bytes(wheel.read_bytes()[:-1] + b"?")
    damaged = install(unpacked, *words)
    assert (damaged.returncode, "copy it again" in damaged.stderr) == (1, True)
    assert link.resolve() == before

    it_goes_and_leaves_the_configuration_until_that_is_to_go_too(unpacked, root)


def test_one_that_power_ended_half_way_is_made_anew_and_two_never_work_at_once(unpacked, tmp_path):
    root = tmp_path / "root"
    words = ("--root", str(root))
    versions = root / "opt/giamsat"
    versions.mkdir(parents=True)
    folder = os.open(versions, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        second = install(unpacked, *words)
    finally:
        os.close(folder)
    assert (second.returncode, "another installation is under way" in second.stderr) == (1, True)
    assert list(versions.iterdir()) == []

    assert install(unpacked, *words).returncode == 0
    program = root / "opt/giamsat-agent/bin/giamsat-agent"
    assert "đã có sẵn" in install(unpacked, *words).stdout
    (program.parents[1] / "whole").unlink()
    library = next(program.parents[1].glob("lib/*/site-packages/annotated_doc"))
    shutil.rmtree(library)

    assert install(unpacked, *words).returncode == 0
    assert library.exists()
    assert subprocess.run([program, "--version"], capture_output=True, check=False).returncode == 0


def test_every_service_is_in_a_bundle_and_the_light_one_asks_for_no_further_packages():
    brought = {name: {unit.name for unit in kind.services()} for name, kind in bundle.KINDS.items()}

    assert set.union(*brought.values()) == {unit.name for unit in (bundle.PACKAGING / "systemd").glob("*.service")}
    assert "giamsat-capture.service" in brought["agent-extras"] - brought["agent"]
    assert not brought["agent"] & brought["collector"]


@pytest.mark.root
@pytest.mark.namespaces
@pytest.mark.peer("dpkg")
def test_what_root_enrols_belongs_to_the_agents_own_user_who_then_reports(here, unpacked, tmp_path):
    def enrolled():
        return {agent["id"] for agent in here.ask("enrol.agents")}

    before, package = enrolled(), deb.pack("agent", unpacked, tmp_path)
    (tmp_path / "token").write_text(here.token(level=3))
    inside = f"""{ALONE}
mkdir -p /etc/giamsat
echo '[collector]\naddresses = ["localhost:{here.ingest}"]' >/etc/giamsat/agent.toml
dpkg --install {package}
sh /usr/share/giamsat/agent/install.sh --collector localhost:{here.enrol} <{tmp_path}/token
stat -c %U /var/lib/giamsat-agent/identity /var/lib/giamsat-agent/identity/*
exec setpriv --reuid giamsat-agent --regid giamsat-agent --init-groups \
  /opt/giamsat-agent/bin/python -m giamsat_agent.app /etc/giamsat/agent.toml
"""
    with (tmp_path / "installed.log").open("w") as log:
        running = subprocess.Popen(["unshare", "--mount", "sh", "-c", inside], stdout=log, stderr=log)
    try:
        here.until(lambda: enrolled() - before, 60, "the host is enrolled")
        (agent,) = enrolled() - before
        here.until(lambda: here.state(agent) == "live", 40, (tmp_path / "installed.log").read_text())
    finally:
        running.terminate()
        running.wait(60)

    told = (tmp_path / "installed.log").read_text()
    owners = {line for line in told.splitlines() if line in {"root", "giamsat-agent"}}
    assert owners == {"giamsat-agent"}, told
    assert "systemctl enable --now giamsat-agent" in told
