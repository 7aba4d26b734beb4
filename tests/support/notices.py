# SPDX-License-Identifier: Apache-2.0
"""Notices of alerts, and real programs that take them."""

import contextlib
import http.server
import json
import threading
from dataclasses import replace

from giamsat_collector.alerts import grouping
from giamsat_collector.notifier import Notice
from giamsat_collector.notify_settings import What
from support import peers
from support.daemons import started
from support.ports import free_ports
from support.until import listening
from support.verdicts import PLACEMENT, verdict

NOW = 1_796_000_000 * 10**9


def notice(number=1, what=What.OPEN, **changes):
    """Something that happened to an alert of priority 2 at Vinh; `changes` are the alert's."""
    alert = replace(grouping.opened(verdict(count=12, at=NOW), PLACEMENT, NOW), **changes)
    return Notice(
        number, what, NOW, alert, PLACEMENT.name, PLACEMENT.unit_name, f"https://soc.example/alerts/{alert.id}"
    )


@contextlib.contextmanager
def taking(status=200, said=b""):
    """A web server that keeps what is posted to it; yields its address and what it took: path, headers, document."""
    taken = []

    class Taking(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            taken.append((self.path, self.headers, json.loads(body)))
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Taking) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", taken
        finally:
            server.shutdown()


@contextlib.contextmanager
def mail_server(folder, *words):
    """A real aiosmtpd that keeps each message as a file of a maildir; yields its port and a reader of the messages."""
    (port,) = free_ports(1)
    box = folder / "box"
    command = [peers.program("aiosmtpd"), "--nosetuid", "--listen", f"127.0.0.1:{port}", *words]
    with started([*command, "--class", "aiosmtpd.handlers.Mailbox", box], cwd=folder) as process:
        listening(port, process)
        yield port, lambda: sorted((box / "new").glob("*"))


@contextlib.contextmanager
def alertmanager(folder):
    """A real Alertmanager that tells nobody; yields its port."""
    (port,) = free_ports(1)
    config = folder / "alertmanager.yml"
    config.write_text("route: {receiver: nobody}\nreceivers: [{name: nobody}]\n")
    words = [f"--config.file={config}", f"--storage.path={folder / 'am'}", f"--web.listen-address=127.0.0.1:{port}"]
    with started([peers.program("alertmanager"), *words, "--cluster.listen-address="]) as process:
        listening(port, process)
        yield port
