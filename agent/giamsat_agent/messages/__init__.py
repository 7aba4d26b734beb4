# SPDX-License-Identifier: Apache-2.0
"""One file per program whose messages are understood; all but PAM's modules are found by the program's name."""
