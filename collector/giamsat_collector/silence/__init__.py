# SPDX-License-Identifier: Apache-2.0
"""Who is silent, what many silent hosts have in common, and which alerts wait behind the one that tells of it."""
