# SPDX-License-Identifier: Apache-2.0
"""The rule language: loading, compiling, windows, levels, the engine."""
