# SPDX-License-Identifier: Apache-2.0
"""The running collector: `python -m giamsat_collector [CONFIG]`."""

import os

# gRPC for Python cannot be told a lowest version of TLS. This leaves TLS 1.2 with a suite that needs an RSA key, which
# no server of ours has, and TLS 1.3, whose suites it does not name, as it is. gRPC reads it once, when it is imported.
os.environ["GRPC_SSL_CIPHER_SUITES"] = "ECDHE-RSA-AES128-GCM-SHA256"

from giamsat_collector.app import main  # after the line above, which what it imports must find

main()
