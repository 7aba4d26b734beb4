# SPDX-License-Identifier: Apache-2.0
"""The shipped rules are read again and again by what is tested; one process of the tests understands each file once."""

from giamsat_rules import load
from giamsat_rules.case import read_cases
from giamsat_rules.document import read
from giamsat_rules.errors import Problem
from giamsat_rules.language import read_rule


def remember():
    """From now on what stands in a shipped file is taken from memory while the file says the same."""
    ours = load.shipped()
    roots = (ours.detections, ours.pack.parent)
    documents, rules, cases = {}, {}, {}

    def read_once(text, file):
        if not any(file.is_relative_to(root) for root in roots):
            return read(text, file)
        key = (text, file)
        if key not in documents:
            documents[key] = read(text, file)
        return documents[key]

    def read_rule_once(document, lists):
        if not any(document.file.is_relative_to(root) for root in roots):
            return read_rule(document, lists)
        # The document is kept with what it was understood as: its id is nobody else's.
        key = (id(document), repr(lists))
        if key not in rules:
            rules[key] = document, read_rule(document, lists)
        return rules[key][1]

    def read_cases_once(document, problems):
        if not any(document.file.is_relative_to(root) for root in roots):
            return read_cases(document, problems)
        if id(document) not in cases:
            found: list[Problem] = []
            cases[id(document)] = document, read_cases(document, found), found
        problems += cases[id(document)][2]
        return cases[id(document)][1]

    vars(load).update(read=read_once, read_rule=read_rule_once, read_cases=read_cases_once)
