# SPDX-License-Identifier: Apache-2.0
"""Metric frames read, and held against the conditions of rules, many at once: what would cost most one by one."""
