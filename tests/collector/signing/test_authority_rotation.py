# SPDX-License-Identifier: Apache-2.0
"""Who believes what is issued while what stands above it is exchanged: the root, or an issuer."""

import contextlib
import datetime as dt
import http.server
import ssl
import subprocess
import threading

import pytest
from cryptography.hazmat.primitives import serialization
from OpenSSL import crypto

from giamsat_collector.signing.authority import open_authority
from giamsat_collector.signing.certificates import ISSUER_LIFE
from giamsat_wire.clock import SystemClock
from support.clock import ManualClock
from support.csr import fresh_key
from support.peers import program


def believed(chain, root, clock):
    """Whether a verifier that trusts this root alone believes the chain, and how long the way to it is."""
    store = crypto.X509Store()
    store.add_cert(crypto.X509.from_cryptography(root))
    store.set_flags(crypto.X509StoreFlags.X509_STRICT)
    store.set_time(dt.datetime.fromtimestamp(clock.wall_ns() / 1e9, dt.UTC))
    leaf, *others = (crypto.X509.from_cryptography(part) for part in chain)
    try:
        return len(crypto.X509StoreContext(store, leaf, others).get_verified_chain())
    except crypto.X509StoreContextError:
        return 0


def test_during_a_rotation_servers_are_believed_by_the_old_root_and_by_the_new(tmp_path):
    clock = ManualClock()
    authority = open_authority(tmp_path / "ca", clock)
    old = authority.root
    authority.rotate()

    chain = authority.server(fresh_key().public_key(), ["localhost"])

    assert (believed(chain, old, clock), believed(chain, authority.root, clock)) == (4, 3)
    assert authority.roots == (authority.root, old)
    authority.retire()
    chain = authority.server(fresh_key().public_key(), ["localhost"])
    assert (believed(chain, old, clock), believed(chain, authority.root, clock)) == (0, 3)
    assert authority.roots == (authority.root,)


@contextlib.contextmanager
def served(folder, chain, key):
    """The port of a web server on loopback that shows this chain."""
    form = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    shown = b"".join(part.public_bytes(serialization.Encoding.PEM) for part in chain)
    (folder / "server.pem").write_bytes(shown + key.private_bytes(serialization.Encoding.PEM, *form))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    with http.server.HTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def believed_by_prometheus(folder, port, root):
    """Whether the TLS of Prometheus, which is Go's, believes the server at this port by this root alone."""
    (folder / "root.pem").write_bytes(root.public_bytes(serialization.Encoding.PEM))
    words = [program("promtool"), "query", "instant", f"https://localhost:{port}", "up"]
    trusting = {"SSL_CERT_FILE": str(folder / "root.pem"), "SSL_CERT_DIR": str(folder / "none")}
    said = subprocess.run(words, env=trusting, capture_output=True, text=True, check=False).stderr
    assert "x509" in said or "501" in said, said
    return "x509" not in said


@pytest.mark.peer("promtool")
def test_during_a_rotation_prometheus_believes_by_either_root(tmp_path):
    authority, key = open_authority(tmp_path / "ca", SystemClock()), fresh_key()
    old = authority.root
    authority.rotate()
    stranger = open_authority(tmp_path / "other", SystemClock()).root

    with served(tmp_path, authority.server(key.public_key(), ["localhost"]), key) as port:
        found = [believed_by_prometheus(tmp_path, port, root) for root in (old, authority.root, stranger)]

    assert found == [True, True, False]


def test_issuers_are_certified_anew_at_half_of_their_life_under_the_same_key(tmp_path):
    clock = ManualClock()
    authority = open_authority(tmp_path / "ca", clock)
    _, before = authority.agent(fresh_key().public_key(), unit="u", agent_id="a")
    clock.advance(int(ISSUER_LIFE.total_seconds() // 2 - 1) * 10**9)
    early = authority.keep_fresh()
    clock.advance(2 * 10**9)
    due = authority.keep_fresh()
    leaf, after = authority.agent(fresh_key().public_key(), unit="u", agent_id="a")

    assert (early, due, authority.keep_fresh()) == ((), ("agents", "servers"), ())
    assert after.public_key() == before.public_key()
    assert after.not_valid_after_utc - before.not_valid_after_utc >= ISSUER_LIFE / 2
    assert believed((leaf, after), authority.root, clock) == 3
    assert open_authority(tmp_path / "ca", clock).agent(fresh_key().public_key(), unit="u", agent_id="a")[1] == after
