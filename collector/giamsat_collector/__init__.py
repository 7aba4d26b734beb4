# SPDX-License-Identifier: Apache-2.0
"""Receives, judges, alerts, proves."""
