# SPDX-License-Identifier: Apache-2.0
r"""Patterns that begin where a word does, and are looked for by its first letter.

`re` tries a pattern that begins with `\b` at every place of a text. One that begins with letters it looks for by those
letters, at a third of the cost; so what stands before is asked behind the first of them. The letters are those of the
text: who looks in any case gives it in lower case.
"""


def begun(*words: str, before: str = r"\w") -> str:
    r"""Alternatives, each of which begins with a letter or digit before which nothing of the class `before` stands."""
    return "|".join(f"{word[0]}(?<![{before}]{word[0]}){word[1:]}" for word in words)
