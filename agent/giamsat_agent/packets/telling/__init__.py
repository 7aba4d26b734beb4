# SPDX-License-Identifier: Apache-2.0
"""What the capture process tells the agent, and what becomes of it there."""
