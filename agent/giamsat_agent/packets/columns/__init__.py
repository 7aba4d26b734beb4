# SPDX-License-Identifier: Apache-2.0
"""What the headers of many frames say, column by column: one place in every column is one frame."""
