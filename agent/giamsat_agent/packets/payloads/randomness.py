# SPDX-License-Identifier: Apache-2.0
"""Whether letters and digits look like words, or as if a program had drawn them."""

import math
from collections import Counter
from typing import Final

MADE_UP_NOISE: Final = 2.8
MADE_UP_LENGTH: Final = 8
RUN, RUN_VOWELS, RUN_DIGITS = 20, 1 / 3, 3
"""Letters and digits without a break that are noise with fewer vowels than words have, or with so many digits."""


def is_noise(run: str) -> bool:
    """Whether letters and digits without a break are too many to be words: with few vowels, or digits among them."""
    vowels, digits = sum(letter in "aeiouy" for letter in run), sum(letter.isdigit() for letter in run)
    return len(run) >= RUN and (vowels < RUN_VOWELS * len(run) or RUN_DIGITS <= digits < len(run))


def noise(text: str) -> float:
    """Shannon's entropy in bits for each character."""
    counts, length = Counter(text.replace(".", "")), len(text.replace(".", ""))
    return -sum(count / length * math.log2(count / length) for count in counts.values()) if length else 0.0


def looks_made_up(label: str) -> bool:
    """Whether a label is long, noisy, and has fewer vowels than words do, or digits among its letters."""
    letters = [letter for letter in label if letter.isalpha()]
    if len(label) < MADE_UP_LENGTH or noise(label) < MADE_UP_NOISE or not letters:
        return False
    vowels = sum(letter in "aeiouy" for letter in letters) / len(letters)
    digits = len(label) - len(letters)
    return vowels < 0.25 or (digits >= 2 and vowels < 0.4)  # noqa: PLR2004 - English and Vietnamese words: 0.38 to 0.45
