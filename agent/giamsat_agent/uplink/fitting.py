# SPDX-License-Identifier: Apache-2.0
"""Whether key, certificate and roots of an identity are whole and belong together, before gRPC is given them.

gRPC ends the process on an empty key, and names no file when a certificate is another key's.
"""

import ssl
from pathlib import Path

from giamsat_agent.errors import IdentityError
from giamsat_agent.uplink import identity as identities
from giamsat_agent.uplink.identity import ROOTS


def must_fit(folder: Path, generation: int) -> None:
    """Let pass an identity that can be used.

    Raises:
        IdentityError: a file is empty, damaged or another identity's; the message names it.
    """
    key, chain = identities.key_file(folder, generation), identities.chain_file(folder, generation)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        context.load_cert_chain(chain, key, password=lambda: b"")
    except (ssl.SSLError, OSError) as error:
        raise _unusable(f"{chain} and {key.name}", error) from error
    try:
        context.load_verify_locations(folder / ROOTS)
    except (ssl.SSLError, OSError) as error:
        raise _unusable(str(folder / ROOTS), error) from error


def _unusable(what: str, error: Exception) -> IdentityError:
    reason = getattr(error, "reason", None) or str(error)
    said = str(reason).lower().replace("_", " ")
    return IdentityError(
        f"{what}: damaged, or of another identity ({said}); restore the folder, or move it away and enrol anew"
    )
