# SPDX-License-Identifier: Apache-2.0
"""Alerts: grouping, life cycle, priority, history."""
