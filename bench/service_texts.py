"""The texts that are sent: posts of the corpora where they are there, else toy words."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from typing import Final

from throughput_posts import CONSONANTS, VOWELS, Pool, read_splits

from tocsin.cli.data.options import builds_home, data_folder

__all__ = ["NEW_WORD", "WORD_IN_LUA", "posts", "toy_posts"]

NEW_WORD: Final = "__NEW__"
# The same as throughput_posts.word.
WORD_IN_LUA: Final = f"""
local consonants, vowels = "{CONSONANTS}", "{VOWELS}"
local function word()
  local left, made = number, ""
  number = number + 1
  for _ = 1, 4 do
    local place = left % {len(CONSONANTS) * len(VOWELS)}
    left = math.floor(left / {len(CONSONANTS) * len(VOWELS)})
    local consonant, vowel = math.floor(place / {len(VOWELS)}) + 1, place % {len(VOWELS)} + 1
    made = made .. consonants:sub(consonant, consonant) .. vowels:sub(vowel, vowel)
  end
  return made
end
"""
_TOY: Final = (
    "the a our your this that two hot late early fresh small big good old new soup bread goal medal oven"
    " referee choir garden bicycle team kitchen pan salt cup match ladder train lamp friday evening morning"
    " is was brings takes leaves finds scores cooks sings plays and but with for in on after before because"
)
_TOY_WORDS: Final = 22  # about as long as a post of the corpora


def posts(most: int, tell: Callable[[str], None]) -> list[str]:
    """Return up to `most` distinct texts: held-out posts where TOCSIN_DATA names the corpora, else toy."""
    if not os.environ.get("TOCSIN_DATA"):
        return toy_posts(most)
    pool = Pool.of(read_splits(data_folder(None), None, builds_home(), tell))
    return list(pool.posts[:most])


def toy_posts(count: int) -> list[str]:
    """Return `count` distinct and harmless texts of toy words."""
    draw = random.Random(0)  # noqa: S311 - toy texts, no secret
    made: dict[str, None] = {}
    while len(made) < count:
        made[" ".join(draw.choices(_TOY.split(), k=_TOY_WORDS))] = None
    return list(made)
