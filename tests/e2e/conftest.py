# SPDX-License-Identifier: Apache-2.0
"""A collector takes seconds to start: tests that leave it as it is share one, each with hosts of its own."""

import pytest

from support.site import site


@pytest.fixture(scope="session")
def shared_site(tmp_path_factory):
    with site(tmp_path_factory.mktemp("site")) as shared:
        yield shared


@pytest.fixture
def here(shared_site, tmp_path):
    """The site; the files of a test's hosts lie in its folder, and what it starts ends with it."""
    with shared_site.hosting(tmp_path):
        yield shared_site
