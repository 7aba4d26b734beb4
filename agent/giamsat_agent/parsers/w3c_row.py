# SPDX-License-Identifier: Apache-2.0
"""A row of IIS's log without the line that names its columns, as a shipper passes it on: IIS's own choice of columns.

SERVER METHOD STEM QUERY PORT USER PEER AGENT [REFERER] STATUS SUBSTATUS WIN32 …, perhaps with the site and the computer
before it and the protocol behind the peer; X-Forwarded-For, where the site logs it, at the end. Blanks inside a value
are plus signs.
"""

import re
from typing import Final

from giamsat_agent.message import Meaning
from giamsat_agent.parsers import typed_values, x_forwarded_for

PRODUCT: Final = "iis"
_ROW: Final = re.compile(
    r"(?:W3SVC\d{1,10} )?(?:[\w.-]{1,64}+ )?(?P<server>[0-9A-Fa-f:.%]{2,45}+) (?P<method>[A-Z_]{2,20}+) "
    r"(?P<stem>/\S{0,4096}+) "
    r"(?P<query>\S{1,4096}+) (?P<port>\d{1,5}) (?P<user>\S{1,256}+) (?P<peer>[0-9A-Fa-f:.%]{2,45}+) "
    r"(?:HTTP/[\d.]{1,3} )?(?P<agent>\S{1,4096}+) (?P<rest>.{3,8192}+)"
)
_STATUS: Final = re.compile(r"(?:^| )([1-5]\d\d) \d{1,4} \d{1,10}(?= |$)")
_CLAIMED: Final = re.compile(r" ((?:[0-9A-Fa-f]{0,4}+[:.][0-9A-Fa-f:.]{1,50}+(?:,\+?|$)){1,32})$")
"""The header's list of addresses; a number alone is how long the request took."""


def parse(text: str) -> Meaning | None:
    """What a row says; None when it is none."""
    row = _ROW.match(text)
    status = None if row is None else _STATUS.search(row["rest"])
    if row is None or status is None:
        return None
    query = "" if row["query"] == "-" else f"?{row['query']}"
    said = (
        ("source.ip", row["peer"]), ("destination.ip", row["server"]), ("destination.port", row["port"]),
        ("http.request.method", row["method"]), ("url.original", f"{row['stem']}{query}"), ("user.name", row["user"]),
        ("user_agent.original", row["agent"].replace("+", " ")), ("http.response.status_code", status[1]),
    )  # fmt: skip
    fields = typed_values.fields(said)
    if "source.ip" not in fields:
        return None
    if (claimed := _CLAIMED.search(row["rest"], status.end())) is not None:
        fields[x_forwarded_for.CLAIM] = claimed[1]
    own = {"observer.vendor": "Microsoft", "observer.product": "IIS", "service.name": PRODUCT}
    return Meaning("http-request", {**own, **fields})
