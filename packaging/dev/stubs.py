# SPDX-License-Identifier: Apache-2.0
"""Generate the gRPC stubs, or with --check say whether the committed ones are what the generator makes today."""

import argparse
import filecmp
import sys
import tempfile
from pathlib import Path

import grpc_tools
from grpc_tools import protoc

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ROOT / "proto"
COMMITTED = ROOT / "proto" / "gen"


def generate(into: Path) -> None:
    """Write the stubs of every .proto file below `into`."""
    well_known = Path(grpc_tools.__file__).parent / "_proto"
    files = sorted(str(path.relative_to(SOURCES)) for path in SOURCES.glob("giamsat/v1/*.proto"))
    words = ["protoc", f"-I{SOURCES}", f"-I{well_known}", f"--python_out={into}", f"--pyi_out={into}"]
    if protoc.main([*words, f"--grpc_python_out={into}", *files]) != 0:
        raise SystemExit("stubs: the generator refused a file above; fix it and run 'make proto' again")


def drifted(fresh: Path) -> list[str]:
    """Names of the stub files that differ from the committed ones."""
    names = {path.relative_to(fresh) for path in fresh.rglob("*.py*")}
    names |= {path.relative_to(COMMITTED) for path in COMMITTED.rglob("*_pb2*.py*") if path.suffix != ".pyc"}
    same = {
        name
        for name in names
        if (fresh / name).is_file()
        and (COMMITTED / name).is_file()
        and filecmp.cmp(fresh / name, COMMITTED / name, shallow=False)
    }
    return sorted(str(name) for name in names - same)


def main() -> int:
    """Generate or check."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 if the committed stubs differ")
    if not parser.parse_args().check:
        generate(COMMITTED)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        generate(Path(folder))
        stale = drifted(Path(folder))
    if stale:
        print(f"stubs: {', '.join(stale)} differ from the .proto files; run 'make proto' and commit")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
