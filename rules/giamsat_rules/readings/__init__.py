# SPDX-License-Identifier: Apache-2.0
"""Conditions on readings: which hold, for how long already, and of which nothing can have changed."""
