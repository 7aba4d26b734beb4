# SPDX-License-Identifier: Apache-2.0
"""A client's side of SCRAM-SHA-256 (RFC 5802, RFC 7677): the password is proved and never said."""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from typing import Final

ROUNDS_MOST: Final = 1_000_000
"""Rounds of hashing that are done for a server: PostgreSQL asks for 4,096, a hostile one for minutes."""
HEADER: Final = "n,,"


@dataclass(frozen=True, slots=True)
class Proof:
    """The client's last message, and the signature the server has to show in return."""

    message: str
    server_signature: str


def first(nonce: str) -> str:
    """The client's first message; the user is known already, as in PostgreSQL."""
    return f"{HEADER}n=,r={nonce}"


def prove(password: str, nonce: str, server_first: str) -> Proof:
    """Answer a server's first message.

    Raises:
        ValueError: it is not one, answers another nonce, or asks for too much.
    """
    said = dict(part.split("=", 1) for part in server_first.split(",") if "=" in part)
    if not said.keys() >= {"r", "s", "i"} or not said["r"].startswith(nonce) or len(said["r"]) == len(nonce):
        raise ValueError("it answers another question of SCRAM")
    rounds = int(said["i"])
    if not 0 < rounds <= ROUNDS_MOST:
        raise ValueError(f"it asks for {rounds} rounds of hashing")
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), base64.b64decode(said["s"], validate=True), rounds)
    client_key = hmac.digest(salted, b"Client Key", "sha256")
    final = f"c={base64.b64encode(HEADER.encode()).decode()},r={said['r']}"
    spoken = f"n=,r={nonce},{server_first},{final}".encode()
    signature = hmac.digest(hashlib.sha256(client_key).digest(), spoken, "sha256")
    proof = bytes(ours ^ theirs for ours, theirs in zip(client_key, signature, strict=True))
    server = hmac.digest(hmac.digest(salted, b"Server Key", "sha256"), spoken, "sha256")
    return Proof(f"{final},p={base64.b64encode(proof).decode()}", base64.b64encode(server).decode())
