# SPDX-License-Identifier: Apache-2.0
"""The rules and the level pack in force: read, kept with those before them, exchanged while everything runs."""
