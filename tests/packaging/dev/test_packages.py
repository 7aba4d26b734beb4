# SPDX-License-Identifier: Apache-2.0
"""How packages order versions, by a real dpkg."""

import subprocess

import packages
import pytest


@pytest.mark.peer("dpkg")
@pytest.mark.parametrize(("python", "debian"), [("0.1.0", "0.1.0"), ("1.2rc1", "1.2~rc1"), ("1.2.dev3", "1.2~dev3")])
def test_what_comes_before_a_release_sorts_before_it(python, debian):
    assert packages.ordered(python) == debian
    compared = subprocess.run(
        ["dpkg", "--compare-versions", debian, "le", python.split("rc")[0].split(".dev")[0]], check=False
    )
    assert compared.returncode == 0
