# SPDX-License-Identifier: Apache-2.0
"""Both who use it, `packets.telling.service` and `devices.service`, have tests of what they make of it."""

import asyncio
import contextlib
import socket

from giamsat_agent.peer_socket import served
from support.uplinks import until


class Heard:
    """Implements Hearer."""

    def __init__(self):
        self.messages, self.refusals, self.ends, self.problem = [], [], 0, None

    def opened(self):
        self.problem = ""

    def unheard(self, words):
        self.problem = words

    def heard(self, message):
        self.messages.append(message)

    def gone(self):
        self.ends += 1

    def refused(self, reason, words):
        self.refusals.append((reason, words))


async def test_messages_come_whole_one_process_after_the_other_and_one_that_is_too_long_is_refused(tmp_path):
    path, heard = tmp_path / "a.sock", Heard()
    serving = asyncio.ensure_future(served(path, "no-such-user", 10, heard))
    await until(lambda: heard.problem == "")
    for word in (b"one", b"two"):
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as line:
            line.connect(str(path))
            line.send(word)
            line.send(bytes(11))
            line.send(word)
    await until(lambda: heard.ends == 2)
    serving.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await serving

    assert heard.messages == [b"one", b"one", b"two", b"two"]
    assert heard.refusals == [("oversized", "a message of more than 10 bytes")] * 2
