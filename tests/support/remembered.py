# SPDX-License-Identifier: Apache-2.0
"""The shipped rules are read again and again by what is tested; one process of the tests understands each file once.

A copy of a file that lies elsewhere says the same, at another place.
"""

from dataclasses import replace

from giamsat_rules import load
from giamsat_rules.case import CaseFile, read_cases
from giamsat_rules.document import Document, read
from giamsat_rules.errors import Origin, Problem
from giamsat_rules.language.sigma import Reading, read_rule

CASES = ("fires", "near_misses")


def remember():
    """From now on what a shipped file says is taken from memory wherever it is read."""
    ours = load.shipped()
    roots = (ours.detections, ours.pack.parent)
    documents: dict[bytes, tuple[tuple[Document, ...], tuple[Problem, ...]]] = {}
    rules: dict[tuple[int, str], Reading] = {}
    cases: dict[tuple[int, str], CaseFile] = {}
    values: set[int] = set()
    """What the documents of shipped files hold; it is kept, so that each id is nobody else's."""

    def read_once(text, file):
        if text not in documents and any(file.is_relative_to(root) for root in roots):
            documents[text] = found, problems = read(text, file)
            values.update(id(document.value) for document in found if not problems)
        if text not in documents or documents[text][1]:
            return read(text, file)
        return tuple(replace(document, file=file) for document in documents[text][0]), ()

    def read_rule_once(document, lists):
        key = (id(document.value), repr(lists))
        reading = rules.get(key) or read_rule(document, lists)
        if key[0] not in values or reading.problems:
            return reading
        rules[key] = reading
        return replace(reading, rule=_moved(reading.rule, document.file), filter=_moved(reading.filter, document.file))

    def read_cases_once(document, problems):
        key, found = (id(document.value), document.file.name), list[Problem]()
        cased = cases.get(key) or read_cases(document, found)
        if key[0] not in values or found:
            problems += found
            return cased
        cases[key] = cased
        parts = {part: tuple(_at(case, document.file) for case in getattr(cased, part)) for part in CASES}
        return replace(_at(cased, document.file), **parts)

    vars(load).update(read=read_once, read_rule=read_rule_once, read_cases=read_cases_once)


def _moved(told, file):
    """A rule or filter as it stands in another file; None when there is none."""
    return told and (told if told.header.origin.file == file else replace(told, header=_at(told.header, file)))


def _at(what, file):
    """The same line of another file."""
    return what if what.origin.file == file else replace(what, origin=Origin(file, what.origin.line))
