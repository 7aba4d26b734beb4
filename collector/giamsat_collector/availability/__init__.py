# SPDX-License-Identifier: Apache-2.0
"""How many minutes of a month each system worked, by what its checks told; without data nothing worked."""
