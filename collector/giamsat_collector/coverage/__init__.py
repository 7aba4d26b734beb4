# SPDX-License-Identifier: Apache-2.0
"""Whether each system's obligations are met, by what actually arrived."""
