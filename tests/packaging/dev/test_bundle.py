# SPDX-License-Identifier: Apache-2.0
"""What a bundle brings for a Python other than the one it is made with; tests/e2e/test_install.py installs one."""

import bundle
import pytest

LOCKED = """\
fast==1.0 ; python_full_version < '3.12' \\
    --hash=sha256:aa
fast==2.0 ; python_full_version >= '3.12' \\
    --hash=sha256:bb \\
    --hash=sha256:cc
plain==3.0 \\
    --hash=sha256:dd
"""


@pytest.mark.parametrize(
    ("python", "pins"), [("3.11", ["fast==1.0", "plain==3.0"]), ("3.13", ["fast==2.0", "plain==3.0"])]
)
def test_a_version_that_only_some_pythons_take_is_chosen_by_the_one_it_is_for(python, pins):
    lines = bundle.wanted(LOCKED, python).splitlines()

    assert [line.removesuffix(" \\") for line in lines if not line.startswith(" ")] == pins


def test_every_hash_of_what_is_kept_stays():
    assert bundle.wanted(LOCKED, "3.12").count("--hash") == 3
