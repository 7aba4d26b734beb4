# SPDX-License-Identifier: Apache-2.0
"""The running collector: `python -m giamsat_collector [CONFIG]`."""

import gc
import os

# gRPC for Python cannot be told a lowest version of TLS. This leaves TLS 1.2 with a suite that needs an RSA key, which
# no server of ours has, and TLS 1.3, whose suites it does not name, as it is. gRPC reads it once, when it is imported.
os.environ["GRPC_SSL_CIPHER_SUITES"] = "ECDHE-RSA-AES128-GCM-SHA256"

# What is imported stays: looking through it for cycles again and again while it comes would find none.
gc.disable()

from giamsat_collector.app import main  # noqa: E402 - after the lines above, which what it imports must find

gc.enable()
main()
