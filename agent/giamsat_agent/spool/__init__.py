# SPDX-License-Identifier: Apache-2.0
"""The disk queue every frame passes through."""
