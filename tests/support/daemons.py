# SPDX-License-Identifier: Apache-2.0
"""Real servers on loopback, each with the least configuration it takes; each ends with its context."""

import contextlib
import getpass
import os
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from support import peers
from support.ports import free_ports
from support.until import listening


@contextlib.contextmanager
def started(words, **more):
    """A program in the foreground while the context lasts; yields its process."""
    process = subprocess.Popen(
        [str(word) for word in words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **more
    )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextlib.contextmanager
def name_server(*records):
    """A dnsmasq that knows the records it is given as its options say them, and nothing else; yields its port."""
    (port,) = free_ports(1)
    words = ["--keep-in-foreground", "--conf-file=/dev/null", f"--port={port}", "--listen-address=127.0.0.1"]
    words += ["--bind-interfaces", "--no-resolv", "--no-hosts", "--pid-file=", "--user=root", "--local=/example/"]
    with started([peers.program("dnsmasq"), *words, *records]) as process:
        listening(port, process)
        yield port


@contextlib.contextmanager
def time_server(folder, *, stratum, within=()):
    """A chronyd that is its own reference, or has none (stratum 0); it leaves the clock alone. Yields its port.

    `within` are words that give it a clock of its own.
    """
    (port,) = free_ports(1)
    conf = folder / "chrony.conf"
    conf.write_text(
        f"port {port}\nbindaddress 127.0.0.1\nallow 127.0.0.1\ncmdport 0\nbindcmdaddress /\n"
        f"pidfile {folder}/chronyd.pid\n" + (f"local stratum {stratum}\n" if stratum else "")
    )
    with started([*within, peers.program("chronyd"), "-d", "-x", "-U", "-u", "root", "-f", conf]):
        _answers_udp(port)
        yield port


@contextlib.contextmanager
def mail_server(folder, pair):
    """An exim that greets and speaks STARTTLS; yields its port."""
    (port,) = free_ports(1)
    spool = folder / "spool"
    spool.mkdir()
    conf = folder / "exim.conf"
    conf.write_text(
        "primary_hostname = mail.example.gov.vn\nexim_user = root\nexim_group = root\nnever_users =\n"
        f"spool_directory = {spool}\nlog_file_path = {folder}/%slog\n"
        f"local_interfaces = 127.0.0.1\ndaemon_smtp_ports = {port}\ntls_advertise_hosts = *\n"
        f"tls_certificate = {pair[0]}\ntls_privatekey = {pair[1]}\nacl_smtp_rcpt = deny\nbegin acl\ndeny:\n  deny\n"
    )
    conf.chmod(0o600)
    with started([peers.program("exim4"), "-C", conf, "-bdf"]) as process:
        listening(port, process)
        yield port


@contextlib.contextmanager
def mailbox_server(folder, pair):
    """A dovecot that speaks IMAP with STARTTLS and with TLS at once; yields both ports."""
    plain, tls = free_ports(2)
    conf = folder / "dovecot.conf"
    conf.write_text(
        f"protocols = imap\nlisten = 127.0.0.1\nbase_dir = {folder}/run\nstate_dir = {folder}/state\n"
        f"log_path = {folder}/dovecot.log\npassdb {{\n  driver = static\n  args = nopassword=y\n}}\n"
        f"userdb {{\n  driver = static\n  args = uid=nobody gid=nogroup home=/tmp\n}}\n"
        f"ssl = yes\nssl_cert = <{pair[0]}\nssl_key = <{pair[1]}\n"
        f"service imap-login {{\n  inet_listener imap {{\n    port = {plain}\n  }}\n"
        f"  inet_listener imaps {{\n    port = {tls}\n    ssl = yes\n  }}\n}}\n"
    )
    with started([peers.program("dovecot"), "-F", "-c", conf]) as process:
        for port in (plain, tls):
            listening(port, process)
        yield plain, tls


@contextlib.contextmanager
def directory(folder, pair):
    """A slapd with one administrator (cn=admin, password 'bí mật'); yields its ports without and with TLS."""
    plain, tls = free_ports(2)
    conf = folder / "slapd.conf"
    conf.write_text(
        f"pidfile {folder}/slapd.pid\nTLSCertificateFile {pair[0]}\nTLSCertificateKeyFile {pair[1]}\n"
        'disallow bind_anon\ndatabase config\nrootdn cn=admin,cn=config\nrootpw "bí mật"\n'
    )
    hosts = f"ldap://127.0.0.1:{plain} ldaps://127.0.0.1:{tls}"
    with started([peers.program("slapd"), "-h", hosts, "-f", conf, "-d", "0"]) as process:
        for port in (plain, tls):
            listening(port, process)
        yield plain, tls


class Database:
    """A PostgreSQL of our own."""

    def __init__(self, folder, port):
        self.folder, self.port = folder, port
        self.user = "postgres" if os.geteuid() == 0 else None

    def sql(self, text):
        """Run statements as its superuser."""
        words = [peers.program("psql"), "-h", self.folder, "-p", str(self.port), "-U", "postgres", "-qc", text]
        subprocess.run([str(word) for word in words], check=True, user=self.user, cwd="/", capture_output=True)


@contextlib.contextmanager
def database(pair, **more):
    """A PostgreSQL with TLS, where local users are let in and those of the network prove a password; `more` is set."""
    (port,) = free_ports(1)
    folder = Path(tempfile.mkdtemp(prefix="gs-pg-", dir="/tmp"))
    made = Database(folder, port)
    programs = peers.program("postgres").parent
    try:
        for source, name in zip(pair, ("server.crt", "server.key"), strict=True):
            shutil.copy(source, folder / name)
            (folder / name).chmod(0o600)
        if made.user:
            for path in (folder, *folder.iterdir()):
                shutil.chown(path, made.user, made.user)
        words = [programs / "initdb", "-D", folder / "data", "-U", "postgres", "-A", "trust", "--no-sync"]
        subprocess.run([str(word) for word in words], check=True, user=made.user, cwd="/", capture_output=True)
        (folder / "data" / "pg_hba.conf").write_text("local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n")
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": port,
            "unix_socket_directories": folder,
            "ssl": "on",
            "ssl_cert_file": folder / "server.crt",
            "ssl_key_file": folder / "server.key",
            "fsync": "off",
            **more,
        }
        options = [word for key, value in settings.items() for word in ("-c", f"{key}={value}")]
        with started([programs / "postgres", "-D", folder / "data", *options], user=made.user, cwd="/") as process:
            listening(port, process)
            yield made
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class MySql:
    """A MariaDB of our own."""

    def __init__(self, folder, port):
        self.folder, self.port = folder, port

    def sql(self, text):
        """Run statements as its superuser."""
        words = [peers.program("mariadb"), "--no-defaults", f"--socket={self.folder}/s", "-uroot", "-e", text]
        subprocess.run([str(word) for word in words], check=True, capture_output=True)


@contextlib.contextmanager
def mariadb(pair, *more):
    """A MariaDB with TLS; `more` are further options."""
    (port,) = free_ports(1)
    folder = Path(tempfile.mkdtemp(prefix="gs-my-", dir="/tmp"))
    made = MySql(folder, port)
    user = [f"--user={getpass.getuser()}"]
    try:
        words = [peers.program("mariadb-install-db"), "--no-defaults", f"--datadir={folder}/data", "--skip-test-db"]
        words += ["--auth-root-authentication-method=normal", *user]
        subprocess.run([str(word) for word in words], check=True, capture_output=True)
        options = ["--bind-address=127.0.0.1", f"--port={port}", f"--socket={folder}/s", f"--datadir={folder}/data"]
        options += [f"--ssl-cert={pair[0]}", f"--ssl-key={pair[1]}", "--skip-name-resolve"]
        options += ["--innodb-flush-log-at-trx-commit=0", f"--pid-file={folder}/pid", *user, *more]
        with started([peers.program("mariadbd"), "--no-defaults", *options]) as process:
            listening(port, process)
            yield made
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _answers_udp(port):
    """Return once a time server answers."""

    until = time.monotonic() + 60
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        asked.connect(("127.0.0.1", port))
        asked.settimeout(0.1)
        while time.monotonic() < until:
            with contextlib.suppress(OSError):
                asked.send(b"\x23" + bytes(47))
                asked.recv(100)
                return
            time.sleep(0.02)
    raise AssertionError("the time server does not answer")
