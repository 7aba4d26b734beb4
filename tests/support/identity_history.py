# SPDX-License-Identifier: Apache-2.0
"""Made-up lives of many identities in virtual time: the collector's own decisions, rows and signer; hosts by hand.

A host does what an agent does: keeps the next key before it asks, asks again with it until an answer is kept, trusts
the roots of the last answer it kept. Everything in between may be lost.
"""

import datetime as dt
from dataclasses import dataclass
from functools import partial

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from OpenSSL import crypto
from sqlalchemy import create_engine

from giamsat_agent.renewal_schedule import due_s
from giamsat_agent.uplink.identity import Identity, Validity
from giamsat_collector.enrol import agents, renewal
from giamsat_collector.enrol.renewal import CopiedIdentityError, RenewalRefusedError, Request
from giamsat_collector.enrol.signer import signed
from giamsat_collector.signing.certificates import SERVER_LIFE
from giamsat_collector.signing.possession import KeyRefusedError, renewing, spki_sha256
from support.authority import open_authority
from support.clock import ManualClock
from support.csr import csr, fresh_key, spki
from support.enrolled import enrolled
from support.tables import create_tables

DAY_S = 86_400
SECOND_NS = 1_000_000_000
HALF_S = SERVER_LIFE.total_seconds() / 2


@dataclass
class Host:
    """What lies on a host's disk; `copy` is what lies on the disk it was copied to."""

    id: str
    bound: ec.EllipticCurvePrivateKey
    generation: int
    chain: tuple[x509.Certificate, ...]
    roots: tuple[x509.Certificate, ...]
    next_key: ec.EllipticCurvePrivateKey | None = None

    def copy(self):
        return Host(self.id, self.bound, self.generation, self.chain, self.roots, self.next_key)

    @property
    def expires_s(self):
        return self.chain[0].not_valid_after_utc.timestamp()

    def due(self, now_s):
        leaf = self.chain[0]
        good = Validity(int(leaf.not_valid_before_utc.timestamp()), int(leaf.not_valid_after_utc.timestamp()))
        return now_s >= due_s(Identity(self.id, "u", b"", b"", b"", good, "", generation=self.generation))

    def request(self):
        self.next_key = self.next_key or fresh_key()
        asked = csr(self.next_key)
        signature = self.bound.sign(renewing(self.id, self.generation, asked), ec.ECDSA(hashes.SHA256()))
        return Request(self.id, self.generation, asked, spki(self.bound), signature, "m", takes_roots=True)

    def keep(self, chain, generation, roots):
        self.chain, self.generation, self.roots, self.next_key = chain, generation, roots, None


class Province:
    """A collector's identities, its authority, and a clock that everybody shares."""

    def __init__(self, folder):
        self.clock = ManualClock()
        self.authority = open_authority(folder / "ca", self.clock)
        engine = create_engine("sqlite://")
        create_tables(engine)
        self.connection = engine.connect()
        self.server = self.shown()

    def close(self):
        self.connection.close()
        self.connection.engine.dispose()

    def enrol(self, number):
        key, bound = fresh_key(), fresh_key()
        id_ = f"{number:08x}-0000-4000-8000-000000000000"
        chain = self.authority.keys.agent(key.public_key(), unit="40.412", agent_id=id_)
        row = enrolled(
            id_,
            bound=spki_sha256(bound.public_key()),
            key=spki_sha256(key.public_key()),
            serial=f"{chain[0].serial_number:x}",
            expires_ns=int(chain[0].not_valid_after_utc.timestamp()) * SECOND_NS,
        )
        agents.add(self.connection, row)
        return Host(id_, bound, 1, chain, self.authority.keys.roots)

    @property
    def now_s(self):
        return self.clock.wall_ns() / 1e9

    def later(self, seconds):
        """Time passes; the server's certificate is replaced in time."""
        self.clock.advance(int(seconds * SECOND_NS))
        if self.server[0].not_valid_after_utc.timestamp() - self.now_s < HALF_S:
            self.authority.keys.keep_fresh()
            self.server = self.shown()

    def shown(self):
        return self.authority.keys.server(fresh_key().public_key(), ["soc.example"])

    def connects(self, host):
        """A stream of a host with the certificate it holds; why it is refused, or None."""
        if not believed(self.server, host.roots, self.now_s):
            return "the host does not believe the server"
        if host.expires_s <= self.now_s:
            return "expired"
        if not believed(host.chain, self.authority.keys.roots, self.now_s):
            return "the server does not believe the host"
        agent = agents.find(self.connection, host.id)
        assert agent is not None, "every host was enrolled"
        if agent.refused:
            return agent.refused
        serial = f"{host.chain[0].serial_number:x}"
        if agent.pending is not None and agent.pending.serial == serial:
            agents.confirm(self.connection, host.id, agent.pending.generation)
            return None
        return None if agent.current.serial == serial else "superseded_certificate"

    def answers(self, request, *, expired=False):
        """What the collector answers: a certificate, or the reason it gives none."""
        decide = partial(renewal.recover, vouched=self.vouches_for) if expired else renewal.renew
        now = self.clock.wall_ns()
        keys = renewal.proved(request)

        def issue(wanted, now_ns):
            certified = self.authority.issue(wanted, now_ns)
            return agents.Certified(
                certified.generation,
                certified.spki_sha256,
                certified.serial,
                certified.chain_pem,
                now_ns,
                certified.expires_ns,
                self.authority.keys.version,
            )

        try:
            with self.connection.begin_nested():
                return decide(self.connection, request, keys, issue, now)[1]
        except CopiedIdentityError as error:
            agents.lock(self.connection, request.agent_id, error.reason, now)
            return error.reason
        except (RenewalRefusedError, KeyRefusedError) as error:
            return error.reason

    def vouches_for(self, chain_pem):
        """Whether one of the roots of now stands behind a chain."""
        issuer = x509.load_pem_x509_certificates(chain_pem)[-1]
        return any(signed(issuer, root) for root in self.authority.keys.roots)

    def renews(self, host, *, lost=""):
        """A host renews, or replaces a certificate that has expired; None when it has a new one.

        `lost`: the request, the answer, or what was on the way to the disk.
        """
        expired = host.expires_s <= self.now_s
        if not believed(self.server, host.roots, self.now_s):
            return "the host does not believe the server"
        if not expired and (refused := self.connects(host)):
            return refused
        request = host.request()
        if lost == "request":
            return lost
        answer = self.answers(request, expired=expired)
        if isinstance(answer, str) or lost:
            return answer if isinstance(answer, str) else lost
        chain = tuple(x509.load_pem_x509_certificates(answer.chain_pem))
        host.keep(chain, answer.generation, self.authority.keys.roots)
        return None


def believed(chain, roots, now_s):
    """Whether a verifier that trusts these roots alone believes a chain."""
    store = crypto.X509Store()
    for root in roots:
        store.add_cert(crypto.X509.from_cryptography(root))
    store.set_time(dt.datetime.fromtimestamp(now_s, dt.UTC))
    leaf, *others = (crypto.X509.from_cryptography(part) for part in chain)
    try:
        crypto.X509StoreContext(store, leaf, others).verify_certificate()
    except crypto.X509StoreContextError:
        return False
    return True
