# SPDX-License-Identifier: Apache-2.0
"""Real TLS handshakes, spoken by OpenSSL in memory and put into segments as a network would carry them."""

import datetime as dt
import ssl
import warnings

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from support.capture import IP, TCP, frame

FIRST = 0xFFFFFF00
"""Where both ends begin to count: the numbers come round within the handshake."""


def certificate(folder, *, begins=-30, ends=365, issued=True):
    """Files of a certificate and its key that are valid from and until so many days from START."""
    start = dt.datetime.fromtimestamp(1_800_000_000, dt.UTC)
    key, name = ec.generate_private_key(ec.SECP256R1()), _name("dichvucong.example")
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(_name("CA") if issued else name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start + dt.timedelta(begins))
        .not_valid_after(start + dt.timedelta(ends))
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / f"certificate{begins}{ends}{issued}.pem"
    path.write_bytes(built.public_bytes(serialization.Encoding.PEM) + secret)
    return path


def spoken(path, *, version=ssl.TLSVersion.TLSv1_2, ciphers="ALL:@SECLEVEL=0", name="dichvucong.example", alpn=()):
    """What client and server say to each other until they are agreed: (from the client?, bytes), turn by turn."""
    ours, theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    theirs.load_cert_chain(path)
    ours.check_hostname, ours.verify_mode = False, ssl.CERT_NONE
    for context in (ours, theirs):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # old versions are what is to be seen
            context.minimum_version = ssl.TLSVersion.TLSv1
            context.maximum_version = version if context is theirs else ssl.TLSVersion.TLSv1_3
        context.set_ciphers(ciphers)
        if alpn:
            context.set_alpn_protocols(list(alpn))
    ways = [ssl.MemoryBIO() for _ in range(4)]
    ends = [ours.wrap_bio(ways[0], ways[1], server_hostname=name or None)]
    ends.append(theirs.wrap_bio(ways[2], ways[3], server_side=True))
    turns: list[tuple[bool, bytes]] = []
    agreed: set[int] = set()
    while len(agreed) < 2:
        for number, end in enumerate(ends):
            try:
                end.do_handshake()
                agreed.add(number)
            except ssl.SSLWantReadError:
                pass
            said = ways[2 * number + 1].read()
            ways[2 - 2 * number].write(said)
            if said:
                turns.append((number == 0, said))
    return turns


def segments(client, server, turns, *, port=443, sport=40_000, most=1_460, after=0):
    """The turns as frames, a millisecond apart, no segment longer than `most`."""
    at = {True: FIRST, False: FIRST}
    frames: list[tuple[float, bytes]] = []
    for out, said in turns:
        ends = IP(src=client, dst=server) if out else IP(src=server, dst=client)
        near, far = (sport, port) if out else (port, sport)
        for begin in range(0, len(said), most):
            part = said[begin : begin + most]
            segment = TCP(sport=near, dport=far, flags="PA", seq=at[out], ack=at[not out])
            frames.append((after + len(frames) * 0.001, frame(ends, segment, part)))
            at[out] = (at[out] + len(part)) & 0xFFFFFFFF
    return frames


def _name(text):
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])
