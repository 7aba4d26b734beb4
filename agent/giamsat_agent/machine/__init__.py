# SPDX-License-Identifier: Apache-2.0
"""What this machine says of itself, as sensors and checks ask it: kernel files, sockets, message bus, users."""
