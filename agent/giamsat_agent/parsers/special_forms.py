# SPDX-License-Identifier: Apache-2.0
"""Forms that data cannot describe, each told by a mark that it always holds."""

from giamsat_agent.message import Meaning
from giamsat_agent.parsers import access_list, filterlog, modsecurity, netfilter, routeros


def special(program: str, text: str) -> tuple[str, Meaning] | None:
    """The parser of a message, and what it says; `program` is the one that syslog names, if any."""
    if " PROTO=" in text and "SRC=" in text and (meaning := netfilter.parse(text)) is not None:
        return "netfilter", meaning
    if "[id " in text and (meaning := modsecurity.parse(text)) is not None:
        return "modsecurity", meaning
    if access_list.MARK in text and (meaning := access_list.parse(text)) is not None:
        return "cisco_ios", meaning
    if routeros.MARK in text and (meaning := routeros.parse(text, program=program)) is not None:
        return routeros.PARSER, meaning
    if program == "filterlog" and (meaning := filterlog.parse(text)) is not None:
        return "filterlog", meaning
    return None
