# SPDX-License-Identifier: Apache-2.0
"""What people have agreed to hide for a while: who proposed it and who agreed, until when, and what it hid."""
