# SPDX-License-Identifier: Apache-2.0
"""The collector's command line against a control socket that answers what a test wants."""

import asyncio
import contextlib
import threading

from typer.testing import CliRunner

from giamsat_collector.cli import app
from giamsat_collector.control.server import serve


class Line:
    """Runs commands; `asked` holds what reached the collector."""

    def __init__(self, config):
        self._config = config
        self.asked = []

    def run(self, *words):
        """The result of one command."""
        return CliRunner().invoke(app, [*map(str, words), "--config", str(self._config)])


@contextlib.contextmanager
def line(folder, **answers):
    """A command line whose collector answers each command with a value; it raises an error and asks a function."""
    config = folder / "collector.toml"
    config.write_text(f'data = "{folder}"\n')
    line = Line(config)

    def command(name, answer):
        async def answered(**words):
            line.asked.append((name, words))
            if isinstance(answer, Exception):
                raise answer
            if callable(answer):
                return await answer(**words)
            return answer

        return answered

    commands = {name.replace("__", "."): command(name.replace("__", "."), answer) for name, answer in answers.items()}

    async def nothing(*_):
        pass

    ready, stop = threading.Event(), asyncio.Event()
    loop = asyncio.new_event_loop()

    async def socket():
        async with serve(folder / "control.sock", commands, nothing):
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(socket()), daemon=True)
    thread.start()
    assert ready.wait(60)
    yield line
    loop.call_soon_threadsafe(stop.set)
    thread.join(60)
    loop.close()
