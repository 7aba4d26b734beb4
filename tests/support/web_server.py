# SPDX-License-Identifier: Apache-2.0
"""A real nginx on loopback, and certificates of any validity for it."""

import contextlib
import datetime as dt
import ipaddress
import subprocess
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from support import peers
from support.ports import free_ports
from support.until import listening

NAME = "portal.example.gov.vn"


class Authority:
    """An authority whose certificates are believed where `ca_file` is."""

    def __init__(self, folder):
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test CA")])
        certificate = self._signed(self._name, self._key.public_key(), dt.timedelta(days=3650), ca=True)
        self.ca_file = str(folder / "ca.pem")
        Path(self.ca_file).write_bytes(certificate.public_bytes(serialization.Encoding.PEM))

    def issue(self, stem, *, days, names=(NAME,)):
        """A certificate that is valid for so many days (negative: it expired then) and its key, as files."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
        certificate = self._signed(subject, key.public_key(), dt.timedelta(days=days), names=names)
        paths = self._folder / f"{stem}.pem", self._folder / f"{stem}.key"
        paths[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        paths[1].write_bytes(key.private_bytes(*form))
        return paths

    def _signed(self, subject, public_key, valid, *, ca=False, names=()):
        now = dt.datetime.now(dt.UTC)
        made = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(public_key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(days=400))
            .not_valid_after(now + valid)
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        )
        if names:
            addresses = [x509.DNSName(name) for name in names]
            made = made.add_extension(
                x509.SubjectAlternativeName([*addresses, x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
                critical=False,
            )
        return made.sign(self._key, hashes.SHA256())


@contextlib.contextmanager
def running(folder, servers):
    """An nginx while the context lasts. `servers` are (certificate and key or None, directives); yields their ports."""
    ports = free_ports(len(servers))
    blocks = []
    for port, (pair, directives) in zip(ports, servers, strict=True):
        tls = (
            f"ssl_protocols TLSv1.2 TLSv1.3; ssl_certificate {pair[0]}; ssl_certificate_key {pair[1]};" if pair else ""
        )
        blocks.append(f"server {{ listen 127.0.0.1:{port}{' ssl' if pair else ''}; {tls} {directives} }}")
    paths = "".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    conf = folder / "nginx.conf"
    conf.write_text(
        f"daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log;\n"
        f"events {{}}\nhttp {{ access_log off; {paths}\n" + "\n".join(blocks) + "\n}\n"
    )
    process = subprocess.Popen([peers.program("nginx"), "-c", conf, "-p", folder], stderr=subprocess.DEVNULL)
    try:
        for port in ports:
            listening(port, process)
        yield ports
    finally:
        process.terminate()
        process.wait(timeout=60)
