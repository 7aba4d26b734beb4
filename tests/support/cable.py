# SPDX-License-Identifier: Apache-2.0
"""A cable on which real tools attack: one agent watches it, and its ends bear the addresses of a whole neighbourhood.

The attacker's end has all of a network outside, and one more address inside.
"""

import contextlib
import secrets
import subprocess

from support.peers import program
from support.watched import Watched

HIGHEST = 5
WITHIN_S = 60
HERE, THERE, ASKER = "10.9.0.2", "10.9.0.1", "10.9.0.3"
OUTSIDE = "198.51.100.0/24"


class Cable(Watched):
    """One agent of the highest level, whose floors are the sensor's own; the listed addresses are known to be bad."""

    def __init__(self, here, pair, *addresses):
        listed = here.hosts / "listed.txt"
        listed.write_text("".join(f"{one}\n" for one in addresses))
        for host, device in ((pair.here, pair.watched), (pair.there, pair.other)):
            pair.run(host, "sysctl", "-qw", f"net.ipv6.conf.{device}.accept_ra=0")
        pair.run(pair.here, "ip", "route", "add", OUTSIDE, "via", THERE)
        pair.run(pair.there, "ip", "route", "add", "local", OUTSIDE, "dev", "lo")
        pair.run(pair.there, "ip", "address", "add", f"{ASKER}/24", "dev", pair.other)
        super().__init__(here, pair, (HIGHEST,), f'known_bad = ["{listed}"]\n')

    def fires(self, *rules, again=lambda: None):
        """Wait until each of these rules has told; meanwhile something is done again and again."""

        def told():
            again()
            return all(self.alerts(HIGHEST, rule) for rule in rules)

        self.here.until(told, WITHIN_S, f"this is told: {', '.join(rules)}")

    def asks(self, *words):
        """Run a program of the watched host to its end; whether it succeeded."""
        whole = [*self.pair.within(self.pair.here), *map(str, words)]
        return subprocess.run(whole, capture_output=True, timeout=60, check=False).returncode == 0

    @contextlib.contextmanager
    def serving(self, port, *words, host=None):
        """A server that takes connections on a port, by default one of the watched host."""
        host = host or self.pair.here
        shown = ("ss", "-Hltn", f"sport = :{port}")
        with self.running(host, *words):
            self.here.until(lambda: self.pair.run(host, *shown, capture_output=True).stdout, 20, f"{port} is served")
            yield

    def dnsmasq(self, host, *words):
        """A dnsmasq that knows nothing but what it is told."""
        plain = ("--conf-file=/dev/null", "--user=root", "--no-resolv", "--no-hosts", "--pid-file=", "--no-ping")
        device = self.pair.watched if host == self.pair.here else self.pair.other
        leases = self.here.hosts / f"leases{secrets.token_hex(4)}"
        how = ("--keep-in-foreground", f"--interface={device}", "--bind-interfaces", f"--dhcp-leasefile={leases}")
        return self.running(host, program("dnsmasq"), *plain, *how, *words)


def web(folder):
    """The configuration of a web server with one page, one behind a password, and nothing else."""
    (folder / "index.html").write_text("x" * 20_000)
    (folder / "passwords").write_text("an:{PLAIN}bi-mat\n")
    paths = "".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    conf = folder / "nginx.conf"
    conf.write_text(
        f"daemon off; user root; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log;\n"
        f"events {{}}\nhttp {{ access_log off; {paths} server {{ listen {HERE}:80; root {folder};\n"
        f"location /rieng {{ auth_basic x; auth_basic_user_file {folder}/passwords; alias {folder}/; }} }} }}\n"
    )
    return conf
