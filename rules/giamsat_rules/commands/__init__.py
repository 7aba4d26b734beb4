# SPDX-License-Identifier: Apache-2.0
"""The sub-commands that are more than a few lines; `given` reads what all of them are given."""
