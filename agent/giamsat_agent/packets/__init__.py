# SPDX-License-Identifier: Apache-2.0
"""Packet-level anomalies: captured frames, what their headers say, and what behaviour they add up to."""
