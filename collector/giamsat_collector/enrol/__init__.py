# SPDX-License-Identifier: Apache-2.0
"""Tokens, the certificate authority, revocation."""
