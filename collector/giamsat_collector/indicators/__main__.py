# SPDX-License-Identifier: Apache-2.0
"""`python -m giamsat_collector.indicators`: what a file would make of a list, for the collector that started it.

Standard input: a line of JSON (`wanted`, `now`, `before`: so many bytes), the list there is, the file. Standard output:
a line of JSON, the list it would be.
"""

import json
import sys

from giamsat_collector.indicators.bringing import Wanted, change
from giamsat_collector.indicators.packing import unpacked


def main() -> None:
    """Read, decide, write."""
    asked = json.loads(sys.stdin.buffer.readline())
    before = sys.stdin.buffer.read(asked["before"])
    found = change(sys.stdin.buffer.read(), Wanted(**asked["wanted"]), unpacked(before), asked["now"])
    sys.stdout.buffer.write(json.dumps(found.as_json()).encode() + b"\n" + found.kept)


if __name__ == "__main__":
    main()
