# SPDX-License-Identifier: Apache-2.0
"""Every address of the console with names that are meant as a path, as SQL, as a command or as markup."""

from urllib.parse import quote, urlencode

import pytest
from sqlalchemy import inspect, text

from giamsat_collector.console import users
from support.console import Console
from support.touched import touched

BEGINNINGS = ("", "'", '"', "1", "../" * 9, "..%2f" * 5, "A1", "\x00", "%00", "\\")
CORES = (
    *("' OR '1'='1", "; DROP TABLE users;--", "') UNION SELECT name, password FROM users--", "1 AND sleep(9)"),
    *(
        "%' ESCAPE '",
        "${7*7}",
        "{{7*7}}",
        "{% raw %}",
        "etc/passwd",
        "/etc/passwd",
        "..",
        ".",
        "-",
        "~root",
        "file://x",
    ),
    *("$(id)", "`id`", "| id", "\r\nSet-Cookie: x=y", "<script>alert(1)</script>", "javascript:alert(1)"),
    *("\u202e\u2066x", "\ud800", "٣", "9" * 400, "-1", "NaN", "1e999", "%s%s%s%n", "con.csv", "a" * 5_000),
)
PAYLOADS = tuple(beginning + core for core in CORES for beginning in BEGINNINGS)
NAMES = (
    "state",
    "text",
    "unit",
    "system",
    "level",
    "page",
    "after",
    "month",
    "since",
    "until",
    "address",
    "port",
    "next",
)
FIELDS = (
    *("action", "note", "owner", "revision", "place", "reason", "document", "expires", "units", "into", "effective"),
    *("alerts", "title", "group", "persons", "detected", "counted", "report", "at"),
)


def routes(holder):
    for route in holder.routes:
        if hasattr(route, "original_router"):
            yield from routes(route.original_router)
        else:
            yield from ((method, route.path) for method in route.methods if method != "HEAD")


def filled(path, said):
    """A path with every part that is a name filled in."""
    while "{" in path:
        before, _, rest = path.partition("{")
        path = before + said + rest.partition("}")[2]
    return path


@pytest.fixture
def console():
    console = Console()
    console.has_user()
    console.place()
    console.raise_alert()
    yield console
    console.close()


def rows(console):
    """How many rows every table has."""
    return console.store.now(
        lambda found: {
            name: found.execute(text(f'SELECT count(*) FROM "{name}"')).scalar()
            for name in inspect(found).get_table_names()
        }
    )


async def test_what_is_no_name_opens_no_file_starts_nothing_and_is_refused_without_a_fault(console, pytestconfig):
    visitor = await console.logged_in()
    proof = (await visitor.get("/alerts")).hidden("csrf")
    before, kept = rows(console), console.store.now(users.every)
    chosen = [
        one for one in routes(console.app._app._app) if one[1] not in {"/logout", "/login", "/events", "/password"}
    ]
    faults = []
    with touched() as seen:
        for number, said in enumerate(PAYLOADS[:: max(1, len(PAYLOADS) // pytestconfig.option.payloads)]):
            part = quote(said.encode("utf-8", "replace"), safe="" if number % 2 else "/.%")
            asked = {name: said.encode("utf-8", "replace") for name in NAMES}
            form = {"csrf": proof, **{name: said.encode("utf-8", "replace") for name in FIELDS}}
            for method, path in chosen:
                where = filled(path, part)
                if method == "GET":
                    answer = await visitor.get(f"{where}?{urlencode(asked)}")
                else:
                    answer = await visitor.post(where, form)
                if answer.status >= 500 or any("\n" in value for _, value in answer.headers):
                    faults.append((method, path, said[:60], answer.status))

    assert faults == []
    assert (seen.started, seen.changed) == ([], [])
    assert [path for path in seen.opened if ".." in path or "passwd" in path or "con.csv" in path] == []
    assert console.store.now(users.every) == kept
    assert {name: count for name, count in rows(console).items() if count < before[name]} == {}
    assert (await visitor.get("/alerts")).status == 200
