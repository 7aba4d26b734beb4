# SPDX-License-Identifier: Apache-2.0
"""The sub-commands of giamsat-agent: one file each, with one Typer application named `app`."""
