# SPDX-License-Identifier: Apache-2.0
from datetime import UTC

from rich.console import Console

from giamsat_collector.commands.listed_incidents import table
from giamsat_collector.incidents import shape
from giamsat_collector.incidents.duties import owed
from giamsat_collector.incidents.search import Listed
from support.incidents import HOUR, incident


def test_each_says_where_it_is_and_which_report_is_due_next():
    told = incident(serious=True, unit="40.412", told_by="gọi điện")
    quiet = incident(number=8, unit="40.413", system="S", level=3)
    rows = [shape.as_json(Listed(one, one.places, 0, owed(one, ())), 130 * HOUR) for one in (told, quiet)]
    console = Console(width=200)

    with console.capture() as shown:
        console.print(table(rows, UTC))

    *_, first, second = shown.get().splitlines()
    assert ("(!)" in first, "40.412" in first, " ? " in first, "initial: trễ / late 6 h" in first) == (True,) * 4
    assert ("40.413" in second, " 3 " in second, " - " in second) == (True,) * 3
