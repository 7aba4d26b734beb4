# SPDX-License-Identifier: Apache-2.0
"""Frames from agents: who sent them, whether they are new, when they are durable."""
