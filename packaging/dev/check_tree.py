# SPDX-License-Identifier: Apache-2.0
"""What no other tool sees: length, licence line, names, mirrored tests, versions, addresses in locks.

Modules that need no test of their own stand in untested.toml with a reason; an entry that has become needless fails,
so the list only shrinks. A module without a single statement that does something (contracts, errors, constants)
needs no test and no entry.
"""

import ast
import fnmatch
import re
import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
LINES: Final = 300
NOTICE: Final = "# SPDX-License-Identifier: Apache-2.0"
DRAWERS: Final = frozenset({"util", "utils", "helper", "helpers", "common", "base", "misc", "manager", "managers"})
"""Names that say nothing of what is inside, so that everything ends up there."""
MIRRORS: Final = {
    "proto/giamsat_wire": "tests/proto/giamsat_wire",
    "rules/giamsat_rules": "tests/rules",
    "agent/giamsat_agent": "tests/agent",
    "collector/giamsat_collector": "tests/collector",
    "packaging/dev": "tests/packaging/dev",
}
"""Where the tests of a folder stand."""
OTHERS: Final = ("tests",)
ADDRESS: Final = re.compile(
    r"\b(?:https?|git\+\w+|ssh|file)://[^\s\"']+|^\s*--(?:extra-)?index-url|^\s*--find-links", re.MULTILINE
)
PINNED: Final = re.compile(r"^(giamsat-\w+)==(\S+)$")


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that stands wrong in the tree, and what to do."""

    where: str
    what: str

    def __str__(self) -> str:
        """One line."""
        return f"{self.where}: {self.what}"


def python_files(root: Path) -> Iterator[Path]:
    """Every Python file written by hand, relative to the root."""
    for folder in (*MIRRORS, *OTHERS):
        yield from sorted(path.relative_to(root) for path in (root / folder).rglob("*.py"))


def of_file(path: Path, text: str) -> Iterator[Problem]:
    """Problems of one file by itself."""
    lines = text.splitlines()
    if len(lines) > LINES:
        yield Problem(str(path), f"{len(lines)} lines, at most {LINES}: split it at its second idea")
    if not lines or lines[0] != NOTICE:
        yield Problem(str(path), f"the first line is not {NOTICE!r}")
    drawers = sorted(DRAWERS.intersection(re.split(r"[/_.]", str(path))))
    if drawers:
        yield Problem(str(path), f"{drawers[0]!r} says nothing of what is inside: name it after what it is about")


def does_something(text: str) -> bool:
    """Whether a module holds a function with a body that is more than a promise."""
    functions = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return any(
        not (isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant))
        for function in functions
        for line in function.body
    )


def mirror_of(path: Path) -> Path:
    """The file that holds a module's tests."""
    folder = next(folder for folder in MIRRORS if path.is_relative_to(folder))
    inner = path.relative_to(folder)
    stem = "init" if inner.stem == "__init__" else inner.stem.strip("_")
    return Path(MIRRORS[folder]) / inner.parent / f"test_{stem}.py"


def untested(root: Path, texts: Mapping[Path, str], exempt: Mapping[str, str]) -> Iterator[Problem]:
    """Modules without a mirrored test, and exemptions (patterns of paths) that are no longer needed."""
    modules = [path for path in texts if any(path.is_relative_to(folder) for folder in MIRRORS)]
    bare = {str(path) for path in modules if does_something(texts[path]) and not (root / mirror_of(path)).is_file()}
    met = {pattern: set(fnmatch.filter(bare, pattern)) for pattern in exempt}
    for name in sorted(bare.difference(*met.values())):
        yield Problem(name, f"has no {mirror_of(Path(name))}")
    for pattern in sorted(pattern for pattern, names in met.items() if not names):
        yield Problem("packaging/dev/untested.toml", f"{pattern} needs no exemption any more: remove the line")


def versions(root: Path) -> Iterator[Problem]:
    """Distributions of one workspace carry one version, and ask for each other in just that version."""
    projects = {
        member: tomllib.loads((root / member / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        for member in ("proto", "rules", "agent", "collector")
    }
    wanted = projects["proto"]["version"]
    for member, project in projects.items():
        where = f"{member}/pyproject.toml"
        if project["version"] != wanted:
            yield Problem(where, f"version {project['version']}, while proto has {wanted}: one version for all four")
        for found in filter(None, map(PINNED.match, project["dependencies"])):
            if found[2] != wanted:
                yield Problem(where, f"asks for {found[0]}, while the workspace has {wanted}")


def addresses(root: Path) -> Iterator[Problem]:
    """Locks and lists of vendored files name versions and hashes; where they come from is the installer's matter."""
    lists = [*(root / "packaging" / "locks").iterdir(), *root.glob("*.lock")]
    lists += [path for member in MIRRORS for path in (root / member).rglob("*vendor*") if path.is_file()]
    for path in sorted(lists):
        for found in ADDRESS.finditer(path.read_text(encoding="utf-8", errors="replace")):
            yield Problem(str(path.relative_to(root)), f"holds an address: {found[0].strip()}")


def problems(root: Path) -> Iterator[Problem]:
    """Everything that stands wrong below `root`."""
    texts = {path: (root / path).read_text(encoding="utf-8") for path in python_files(root)}
    for path, text in texts.items():
        yield from of_file(path, text)
    exempt = tomllib.loads((root / "packaging/dev/untested.toml").read_text(encoding="utf-8"))
    yield from untested(root, texts, exempt)
    yield from versions(root)
    yield from addresses(root)


def main() -> int:
    """Print what is wrong; exit 1 if anything is."""
    found = list(problems(ROOT))
    for problem in found:
        print(problem)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
