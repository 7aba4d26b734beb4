# SPDX-License-Identifier: Apache-2.0
"""From documents to rules: what Sigma and the `giamsat:` block beside it may say."""
