# SPDX-License-Identifier: Apache-2.0
"""`python -m giamsat_collector.indicators`: what a file would make of a list, for the collector that started it.

Standard input: a line of JSON (`wanted`, `now`, `before`: so many bytes), the list there is, the file. Standard output:
a line of JSON, the list it would be.
"""

import json
import resource
import sys
from typing import Final

from giamsat_collector.indicators.import_plan import Change, Wanted, change
from giamsat_collector.indicators.packing import unpacked

MEMORY: Final = 768 << 20
"""Bytes of data this process may have: several times what the largest file of real entries takes."""


def main() -> None:
    """Read, decide, write."""
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    asked = json.loads(sys.stdin.buffer.readline())
    before = sys.stdin.buffer.read(asked["before"])
    try:
        found = change(sys.stdin.buffer.read(), Wanted(**asked["wanted"]), unpacked(before), asked["now"])
    except MemoryError:
        why = f"file: reading it takes more than {MEMORY >> 20} MiB of memory; make two lists of it"
        found = Change(problems=(why,))
    sys.stdout.buffer.write(json.dumps(found.as_json()).encode() + b"\n" + found.kept)


if __name__ == "__main__":
    main()
