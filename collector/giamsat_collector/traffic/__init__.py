# SPDX-License-Identifier: Apache-2.0
"""Who talked with whom on the networks sensors watch, minute by minute, and the search in it."""
