# SPDX-License-Identifier: Apache-2.0
"""A whole site for a test: a real collector and real agents as processes, on free ports, in one folder."""

import base64
import contextlib
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import psutil

from giamsat_agent import enrolment_by_hand as by_hand
from giamsat_agent.enrolment import parse_token
from giamsat_agent.uplink.host_binding import machine_id
from giamsat_collector.control.audit_trail import CHANGES
from giamsat_collector.control.client import NotRunningError, ask
from giamsat_wire.enrolment_file import NONCE_BYTES
from support.patience import Patience
from support.ports import free_ports

STARTS_WITHIN_S = 60
BIN = Path(sys.executable).parent


class Site:
    """One collector and the agents that report to it; everything ends with the context."""

    def __init__(self, folder, settings="", within=()):
        self.folder = self.hosts = folder
        self.within = within
        self.ingest, self.enrol, self.console = free_ports(3)
        self.config = folder / "collector.toml"
        self.config.write_text(
            f'data = "{folder / "collector"}"\n[listen]\nhost = "127.0.0.1"\n'
            f"ingest = {self.ingest}\nenrol = {self.enrol}\nconsole = {self.console}\n{settings}\n"
            "[enrolment]\ntwo_persons_from_level = 6\n"  # who runs tests is one person
        )
        self.collector = None
        self.told = 0
        self._stack = contextlib.ExitStack()

    @contextlib.contextmanager
    def hosting(self, folder):
        """Hosts whose files lie in this folder; what is started meanwhile ends with the context."""
        before, self.hosts = (self.hosts, self._stack), folder
        try:
            with contextlib.ExitStack() as self._stack:
                yield self
        finally:
            self.hosts, self._stack = before

    def start(self):
        """Start the collector and wait until it answers."""
        self.collector = self.process(
            [*self.within, sys.executable, "-m", "giamsat_collector", str(self.config)], "collector.log"
        )
        started = self.collector

        def answers():
            assert started.poll() is None, (self.folder / "collector.log").read_text()
            return self._answers()

        self.until(answers, STARTS_WITHIN_S, "the collector answers")

    def _answers(self):
        with contextlib.suppress(NotRunningError):
            return bool(self.ask("status"))

    def kill(self):
        """End the collector as a power cut would, and its signer with it."""
        assert self.collector is not None, "the collector was not started"
        others = psutil.Process(self.collector.pid).children(recursive=True)
        self.collector.send_signal(signal.SIGKILL)
        self.collector.wait()
        for other in others:
            with contextlib.suppress(psutil.NoSuchProcess):
                other.kill()
        psutil.wait_procs(others, timeout=60)

    def ask(self, command, **arguments):
        """Have the collector do something; what it tells of it is a frame of its own."""
        self.told += command in CHANGES and not arguments.get("dry_run")
        return ask(self.folder / "collector" / "control.sock", command, **arguments)

    def system(self, level):
        """The id of an example system of this level and its unit."""
        found = next(system for system in self.ask("registry.systems") if system["level"] == level)
        return found["id"], found["unit"]

    def token(self, *, level):
        """A token for one host of a system of this level."""
        system, unit = self.system(level)
        return self.ask("enrol.issue", unit=unit, system=system, uses=1, expires="30m")["token"]

    def host(self, name, *, settings=""):
        """The configuration of a host that is not enrolled yet."""
        config = self.hosts / f"{name}.toml"
        config.write_text(
            f'state = "{self.hosts / name}"\n[collector]\naddresses = ["127.0.0.1:{self.ingest}"]\n'
            f"[sensors]\nperiod_s = 5\n{settings}"
        )
        return config

    def enrolled(self, name, *, level, settings=""):
        """Enrol a host of a system of this level; the id of its agent and its configuration.

        By hand, as hosts do that may not connect: tries from one address over the network are counted.
        """
        config, state = self.host(name, settings=settings), self.hosts / name
        state.mkdir(mode=0o700, exist_ok=True)
        token = parse_token(self.token(level=level))
        host = {"hostname": socket.gethostname(), "machine_id": machine_id()}
        request = by_hand.request(token, state, os.urandom(NONCE_BYTES), **host)
        found = self.ask("enrol.carried", request=base64.b64encode(request).decode())
        return by_hand.take(base64.b64decode(found["answer"]), state).agent_id, config

    def agent(self, name, *, level, within=(), settings=""):
        """Enrol an agent for a host of a system of this level and start it; its id and process."""
        agent, _ = self.enrolled(name, level=level, settings=settings)
        process = self.start_agent(name, within=within)
        self.until(lambda: self.state(agent) == "live", 15, f"{name} is live")
        return agent, process

    def reads(self, agent, sensor="system_log"):
        """Wait until a sensor has looked once, by default for the end of its host's logs: what comes now is seen."""
        told = f'node_scrape_collector_success{{collector="{sensor}"}} 1'
        self.until(lambda: told in self.page(agent), 30, f"{sensor} is read")

    def start_agent(self, name, *, within=()):
        """Start the agent of a host that is enrolled."""
        config = self.hosts / f"{name}.toml"
        return self.process([*within, sys.executable, "-m", "giamsat_agent.app", str(config)], f"{name}.log")

    def enrol_with(self, token, config):
        """Run the enrolment command of a host."""
        words = [str(BIN / "giamsat-agent"), "enrol", "--collector", f"127.0.0.1:{self.enrol}", "--config", str(config)]
        return subprocess.run(words, input=token.encode(), capture_output=True, timeout=60, check=False)

    def state(self, agent):
        """live, silent, stopped, never_seen or revoked."""
        return next(row["state"] for row in self.ask("enrol.agents") if row["id"] == agent)

    def alerts(self, **wanted):
        """The alerts whose short form has these values."""
        found = self.ask("alerts.list", filters=[], limit=100_000)["alerts"]
        return [alert for alert in found if all(alert[key] == value for key, value in wanted.items())]

    def fetch(self, path):
        """What the collector answers to Prometheus; an answer of an error fails, and so does one that is not believed.

        Raises:
            OSError: it is either.
        """
        data = self.folder / "collector"
        asked = urllib.request.Request(f"https://127.0.0.1:{self.console}{path}")
        asked.add_header("Authorization", f"Bearer {(data / 'metrics.token').read_text()}")
        believed = ssl.create_default_context(cafile=data / "roots.pem")
        with urllib.request.urlopen(asked, timeout=60, context=believed) as answer:
            return answer.read()

    def page(self, agent):
        """The page of a host; empty as long as there is none."""
        try:
            return self.fetch(f"/metrics/hosts/{agent}").decode()
        except OSError:
            return ""

    def log(self):
        """What the collector has said so far."""
        return [json.loads(line) for line in (self.folder / "collector.log").read_text().splitlines()]

    def until(self, happened, seconds, what):
        """Wait for something; how many seconds it took, without those for which a busy machine is to blame."""
        patience = Patience(seconds)
        while not happened():
            assert patience.lasts(), f"within {seconds} s it did not happen that {what}"
            time.sleep(0.05)
        return patience.spent_s()

    def process(self, words, log):
        """Start a program that ends with the site."""
        out = self._stack.enter_context((self.hosts / log).open("ab"))
        process = subprocess.Popen(words, stdout=out, stderr=out, start_new_session=True)
        self._stack.callback(_end, process)
        return process

    def close(self):
        """End everything."""
        self._stack.close()


def _end(process):
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@contextlib.contextmanager
def site(folder, settings="", within=()):
    """A site with the example registry; `settings` are further lines of the collector's configuration.

    `within` are words that give the collector a place, or a user, of its own.
    """
    opened = Site(folder, settings, within)
    try:
        opened.start()
        opened.ask("registry.example", dry_run=False)
        yield opened
    finally:
        opened.close()
