# SPDX-License-Identifier: Apache-2.0
"""Whether keys, certificate and roots are whole and fit together, before anything depends on them.

gRPC ends the process on an empty key, and names no file when a certificate is another key's. Emergency keys are needed
on the day nothing else helps any more: that one is missing should be known before.
"""

import ssl
from collections.abc import Sequence
from pathlib import Path

from giamsat_agent.errors import IdentityError
from giamsat_agent.uplink import identity as identities
from giamsat_agent.uplink.identity import ROOTS
from giamsat_wire import emergency_key
from giamsat_wire.errors import EmergencyError


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


def emergency_keys(files: Sequence[str]) -> tuple[bytes, ...]:
    """The raw Ed25519 keys in these files, no two the same.

    Raises:
        IdentityError: one is missing, is none, or stands in two of them; the message names it.
    """
    try:
        return emergency_key.points([(file, Path(file).read_bytes()) for file in files])
    except OSError as error:
        raise IdentityError(
            f"{error.filename}: không đọc được khóa khẩn cấp, xin đặt lại đủ ba khóa công khai / "
            f"the emergency key cannot be read: {error.strerror}; put in the three public keys"
        ) from error
    except EmergencyError as error:
        raise IdentityError(str(error)) from error


def _unusable(what: str, error: Exception) -> IdentityError:
    reason = getattr(error, "reason", None) or str(error)
    said = str(reason).lower().replace("_", " ")
    return IdentityError(
        f"{what}: hỏng hoặc của danh tính khác; khôi phục thư mục, hoặc chuyển đi rồi ghi danh lại / "
        f"damaged, or of another identity ({said}); restore the folder, or move it away and enrol anew"
    )
