# SPDX-License-Identifier: Apache-2.0
"""How a receiver of notices proves who it is."""

import ssl


def trusting(ca_file: str) -> ssl.SSLContext:
    """TLS verified against a file of authorities, or the host's own when it is empty.

    As lenient as a browser with how authorities are written (VERIFY_X509_STRICT, a default of Python 3.13, refuses one
    without an Authority Key Identifier, as authorities made by hand are): what is trusted is the same on every Python.

    Raises:
        OSError: the file cannot be read, or holds no certificates.
    """
    context = ssl.create_default_context(cafile=ca_file or None)
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    return context
