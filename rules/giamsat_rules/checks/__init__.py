# SPDX-License-Identifier: Apache-2.0
"""One file per thing a rule set may get wrong."""
