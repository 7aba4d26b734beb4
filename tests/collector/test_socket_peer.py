# SPDX-License-Identifier: Apache-2.0
import asyncio
import os

from giamsat_collector.socket_peer import Peer, peer


async def test_the_other_end_is_the_process_and_user_that_connected(tmp_path):
    seen = asyncio.get_running_loop().create_future()

    async def hear(_, writer):
        seen.set_result(peer(writer))
        writer.close()

    async with await asyncio.start_unix_server(hear, tmp_path / "s"):
        _, writer = await asyncio.open_unix_connection(tmp_path / "s")
        found = await seen
        writer.close()

    assert found == Peer(os.getpid(), os.getuid())
