# SPDX-License-Identifier: Apache-2.0
"""Watches one host and sends what it sees."""
