# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace
from datetime import date
from types import SimpleNamespace

from giamsat_collector.reports.overrides import Eased, eased
from giamsat_rules.library import open_library
from giamsat_rules.load import shipped
from support.console import Console
from support.overriding import override, written

DAY_NS = 24 * 3600 * 10**9


def test_only_what_asks_for_less_now_is_told(tmp_path):
    console = Console()
    console.place(asset="A1", level=3)
    (system,) = console.registry.systems
    texts = (
        override(of=system, expires="2024-01-31"),
        override("set: {ssh_failed_logins: 3}", name="more", of=system),
        override("exclude: [web_attack]", name="later", of=system, document="13/QĐ").replace(
            "\nexclude", "\nfrom: 2024-02-01\nexclude"
        ),
    )
    library = open_library(replace(shipped(), overrides=written(tmp_path, *texts)))
    rules = SimpleNamespace(book=library)
    now = console.clock.wall_ns()

    found = [eased(rules, console.registry, now + days * DAY_NS) for days in (0, 90)]
    console.close()

    assert found == [
        (Eased(system, "12/QĐ", date(2024, 1, 31)),),
        (Eased(system, "13/QĐ", date(2027, 3, 31)),),
    ]
