# SPDX-License-Identifier: Apache-2.0
"""Somebody whose tokens are wrong and who asks all the same: `python -m support.bad_tokens PORT RATE SECONDS`.

So many requests a second, over twenty connections, from when all of them stand; at the end it prints how often it was
answered with which status.
"""

import asyncio
import json
import ssl
import sys
import time
from collections import Counter
from itertools import cycle

CONNECTIONS = 20
ASKED = (
    "GET /metrics HTTP/1.1\r\nAuthorization: Bearer wrong",
    "GET /metrics/hosts/nobody HTTP/1.1\r\nAuthorization: Bearer wrong",
    "GET /api/v1/alerts HTTP/1.1\r\nCookie: __Host-gs=wrong",
    "GET /alerts HTTP/1.1\r\nCookie: __Host-gs=wrong",
)


async def connection(port):
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return await asyncio.open_connection("127.0.0.1", port, ssl=context)


async def asking(ends, port, every_s, until, answers):
    (reader, writer), due = ends, time.monotonic()
    for asked in cycle(ASKED):
        if due >= until:
            break
        due += every_s
        writer.write(f"{asked}\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        answers[head.split()[1]] += 1
        length = head.partition("content-length: ")[2].partition("\r\n")[0]
        await reader.readexactly(int(length or 0))
        await asyncio.sleep(max(due - time.monotonic(), 0))
    writer.close()


async def main(port, rate, seconds):
    answers = Counter[str]()
    connections = await asyncio.gather(*(connection(port) for _ in range(CONNECTIONS)))
    until = time.monotonic() + seconds
    await asyncio.gather(*(asking(ends, port, CONNECTIONS / rate, until, answers) for ends in connections))
    sys.stdout.write(json.dumps(answers))


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3])))
