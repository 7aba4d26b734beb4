# SPDX-License-Identifier: Apache-2.0
"""How checks speak to applications: lines and datagrams, certificates and logins, messages as bytes."""
