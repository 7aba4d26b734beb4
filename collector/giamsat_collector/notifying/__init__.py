# SPDX-License-Identifier: Apache-2.0
"""Telling others of alerts: which, in which words, until the other end has taken them."""
