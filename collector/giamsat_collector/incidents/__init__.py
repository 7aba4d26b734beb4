# SPDX-License-Identifier: Apache-2.0
"""Incidents: alerts that belong together, and the clock of the reports that the law asks for."""
