# SPDX-License-Identifier: Apache-2.0
"""Packages for Red Hat, Rocky, Alma, Oracle Linux and Fedora, which bring what a bundle brings. No root needed."""

import platform
import sys
import tempfile
from pathlib import Path
from typing import Final

import bundle
import packages

SPEC: Final = bundle.PACKAGING / "rpm" / "giamsat.spec"


def pack(name: str, tree: Path, into: Path) -> Path:
    """Make the package of a laid out folder and return its file.

    Raises:
        NotBundledError: rpmbuild is not here, or refuses.
    """
    about = bundle.about(tree)
    paths = [f"/usr/bin/python{python}" for python in about["PYTHONS"].split()]
    words = {
        "PACKAGE": f"giamsat-{name}",
        "MEMBER": about["MEMBER"],
        "WHAT": packages.WHAT[name],
        "VERSION": packages.ordered(about["VERSION"]),
        "TREE": str(tree),
        "PYTHONS": " or ".join(paths),
        "PYTHON_PATHS": " ".join(paths),
        "PLACES": (bundle.PACKAGING / "install" / "places.sh").read_text(encoding="utf-8").replace("%", "%%"),
        "RELATIONS": "".join(f"Conflicts: {other}\n" for other in packages.rivals(name)),
    }
    file = into / f"giamsat-{name}-{words['VERSION']}-1.{platform.machine()}.rpm"
    into.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as made:
        spec = Path(made) / SPEC.name
        spec.write_text(packages.filled(SPEC, words), encoding="utf-8")
        defined = {"_topdir": made, "_rpmdir": str(into.resolve()), "_rpmfilename": file.name}
        command = ["rpmbuild", "-bb", "--quiet", "--target", platform.machine()]
        command += [word for pair in defined.items() for word in ("--define", " ".join(pair))]
        packages.run([*command, str(spec)])
    return file


if __name__ == "__main__":
    sys.exit(packages.main(__doc__, pack))
