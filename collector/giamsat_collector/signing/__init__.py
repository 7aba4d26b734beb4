# SPDX-License-Identifier: Apache-2.0
"""The certificate authority: keys and what may be done with them, in a process that has no network."""
