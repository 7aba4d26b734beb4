# SPDX-License-Identifier: Apache-2.0
"""What is said inside packets: bytes or text of one message or connection in, values out. Frames are unknown here."""
