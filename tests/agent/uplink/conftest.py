# SPDX-License-Identifier: Apache-2.0
"""A collector on loopback, and a host that was just enrolled with it."""

import asyncio

import pytest

from giamsat_agent.enrolment import enrol, parse_token
from support.enrolling import desk


@pytest.fixture
async def office(tmp_path):
    (tmp_path / "collector").mkdir()
    async with desk(tmp_path / "collector") as office:
        yield office


@pytest.fixture
async def folder(office, tmp_path):
    """The files of an agent that was just enrolled."""
    token = parse_token(await office.token())
    await asyncio.to_thread(enrol, office.address, token, tmp_path / "identity", hostname="máy-1", machine_id="")
    return tmp_path / "identity"
