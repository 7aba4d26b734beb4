# SPDX-License-Identifier: Apache-2.0
"""Whether one event meets a condition: values, patterns, names and sources, compiled to closures."""
