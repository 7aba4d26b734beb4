# SPDX-License-Identifier: Apache-2.0
"""An authority whose signer is in this process: the keys, the desk that signs, and the collector's end of it."""

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from giamsat_collector.enrol.carrier import Carrier
from giamsat_collector.enrol.issuing import certified
from giamsat_collector.enrol.server_certificate import ServerCertificate
from giamsat_collector.enrol.signer import ServerIdentity, Signer, SignerError, _trust
from giamsat_collector.signing import authority as keys
from giamsat_collector.signing.decision import Decision
from giamsat_collector.signing.desk import Desk, Right, told
from giamsat_collector.signing.journal import Journal

PEM = serialization.Encoding.PEM


class LocalAuthority:
    """The keys in a folder, and whoever asks for what they sign. `gone` makes the signer one that does not answer."""

    def __init__(self, folder, clock):
        self.keys = keys.open_authority(folder, clock)
        self.clock = clock
        self.gone = False
        decision = Decision()
        self.journal = Journal(folder, told(decision))
        self.desk = Desk(self.keys, decision, self.journal, clock)
        self.signer = Signer(self._ask, _trust(self.desk.answer({"do": "roots"}, Right.SIGN)))
        carrier = ec.generate_private_key(ec.SECP256R1())
        self.carrier = Carrier(folder.parent, carrier, self.keys.carrier(carrier.public_key()))

    async def _ask(self, request):
        if self.gone:
            raise SignerError("the signer is not there")
        return self.desk.answer(request, Right.SIGN)

    @property
    def root(self):
        return self.keys.root

    @property
    def root_pem(self):
        return self.keys.root.public_bytes(PEM)

    @property
    def root_spki_sha256(self):
        return self.keys.root_spki_sha256

    @property
    def client_roots_pem(self):
        return self.keys.client_roots_pem

    def agent(self, key, *, unit, agent_id):
        return self.keys.agent(key, unit=unit, agent_id=agent_id)

    def server(self, names):
        """A key and a certificate for servers of these names."""
        key = ec.generate_private_key(ec.SECP256R1())
        chain = self.keys.server(key.public_key(), names)
        private = key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        return ServerIdentity(private, b"".join(part.public_bytes(PEM) for part in chain), self.client_roots_pem)

    def certificate(self, names=("localhost", "127.0.0.1")):
        """What the collector's servers show."""
        return ServerCertificate(self.signer, names, self.clock, self.server(names))

    def issue(self, wanted, now_ns):
        """A certificate without the signer's leave, for tests of what is decided before it is asked."""

        key = x509.load_der_x509_csr(wanted.csr_der).public_key()
        return certified(self.agent(key, unit=wanted.unit, agent_id=wanted.agent_id), wanted.generation, now_ns)


def open_authority(folder, clock):
    """The authority whose keys are in a folder, made there when there is none."""
    return LocalAuthority(folder, clock)
