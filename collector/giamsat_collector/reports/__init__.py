# SPDX-License-Identifier: Apache-2.0
"""Reports an official signs: figures as they were computed, what nobody knows left blank and said to be so."""
