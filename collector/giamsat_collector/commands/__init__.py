# SPDX-License-Identifier: Apache-2.0
"""The command line by noun; one file per noun. Each asks the running collector."""
