# SPDX-License-Identifier: Apache-2.0
"""Units, systems and assets: who is watched and at which level."""
