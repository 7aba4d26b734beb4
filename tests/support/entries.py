# SPDX-License-Identifier: Apache-2.0
"""Log entries as a test writes them, and what the interpreter makes of lines."""

from giamsat_agent.log import Entry

WALL_NS = 1_700_000_000_000_000_000


def entry(program, text, *, pid=100, attested=None, wall_ns=WALL_NS):
    """An entry of a program, from nowhere in particular."""
    return Entry(program, text, wall_ns, text.encode("utf-8", "backslashreplace"), pid=pid, attested=attested or {})


def parsed(parser, program, *texts, pid=100):
    """The kinds and fields of everything a parser says of these messages of one process."""
    return [
        (meaning.kind, dict(meaning.fields))
        for text in texts
        for meaning in parser.parse(entry(program, text, pid=pid))
    ]
