# SPDX-License-Identifier: Apache-2.0
"""A bundle with our own installer, services and files around a program of one line, and a host to install it on.

The host is this machine under overlays of its own: what packages change is seen inside alone, and gone with it.
"""

import subprocess
import sys
import zipfile

import bundle

PYTHON = f"{sys.version_info[0]}.{sys.version_info[1]}"
ALONE = """
set -eu
mount -t tmpfs tmpfs /opt
for folder in /etc /usr/local /usr/share /var; do
  mkdir -p /opt/.over$folder/new /opt/.over$folder/work
  mount -t overlay overlay -o "lowerdir=$folder,upperdir=/opt/.over$folder/new,workdir=/opt/.over$folder/work" $folder
done
if [ -d /run/systemd ]; then mount -t tmpfs tmpfs /run/systemd; fi
"""
PROGRAM = """
import pathlib, sys
def main():
    if sys.argv[1:2] == ["enrol"]:
        pathlib.Path("/var/lib/giamsat-agent/identity").mkdir()
    print("stand-in", sys.argv[1:])
"""


def tree(name, release, into):
    """The folder of a bundle with a stand-in for the agent of that release."""
    top = into / f"{name}-{release}"
    (top / "wheels").mkdir(parents=True)
    wheel = into / f"giamsat_agent-{release}-py3-none-any.whl"
    about = f"giamsat_agent-{release}.dist-info"
    with zipfile.ZipFile(wheel, "w") as file:
        file.writestr("giamsat_agent.py", PROGRAM)
        file.writestr(f"{about}/METADATA", f"Metadata-Version: 2.1\nName: giamsat-agent\nVersion: {release}\n")
        file.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        file.writestr(f"{about}/entry_points.txt", "[console_scripts]\ngiamsat-agent = giamsat_agent:main\n")
        file.writestr(f"{about}/RECORD", "")
    bundle.furnish(name, [PYTHON], top, requirements="", own=[wheel])
    return top


def told_on_a_host(script):
    """What a script prints there, by the sections that its lines `== NAME` begin; each ends with `exit CODE`."""
    functions = """
== () { printf '\n== %s\n' "$1"; shift; "$@" && code=0 || code=$?; echo "exit $code"; }
"""
    words = ["unshare", "--mount", "bash", "-c", ALONE + functions + script]
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout
    sections = (section.split("\n", 1) for section in done.stdout.split("\n== ")[1:])
    return {name.strip(): text for name, text in sections}
