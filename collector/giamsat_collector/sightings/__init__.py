# SPDX-License-Identifier: Apache-2.0
"""Hosts that sensors see on the networks they watch: who has an agent, and who has none."""
