"""What stands around and between the words: harmless sentences, handles, links, emoji, a missing end."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from typing import Final

from tocsin.eval.perturbations.places import chosen, replaced, words

__all__ = [
    "EMOJI",
    "HANDLES",
    "HARMLESS",
    "HARMLESS_GERMAN",
    "LINKS",
    "emoji_between",
    "links",
    "mentions",
    "padding",
    "padding_german",
    "truncation",
]

HARMLESS: Final = (
    "It rained all morning, but the sun is out now.",
    "I put the soup on the stove an hour ago.",
    "The bread needs another ten minutes in the oven.",
    "Tomorrow it will be cloudy with a little wind.",
    "We had noodles with butter and peas for dinner.",
    "The tomatoes on the balcony are nearly ripe.",
    "I am looking for a good recipe for apple cake.",
    "There was fog over the river when I got up.",
    "My tea has gone cold again.",
    "The bus was five minutes late today.",
    "We are painting the kitchen yellow this weekend.",
    "The first snow fell on the hills last night.",
)
HARMLESS_GERMAN: Final = (
    "Heute Morgen hat es geregnet, jetzt scheint die Sonne.",
    "Ich habe vor einer Stunde die Suppe aufgesetzt.",
    "Das Brot braucht noch zehn Minuten im Ofen.",
    "Morgen wird es bewölkt mit etwas Wind.",
    "Zum Abendessen gab es Nudeln mit Butter und Erbsen.",
    "Die Tomaten auf dem Balkon sind fast reif.",
    "Ich suche ein gutes Rezept für Apfelkuchen.",
    "Als ich aufstand, lag Nebel über dem Fluss.",
    "Mein Tee ist schon wieder kalt geworden.",
    "Der Bus kam heute fünf Minuten zu spät.",
    "Am Wochenende streichen wir die Küche gelb.",
    "Letzte Nacht fiel auf den Hügeln der erste Schnee.",
)
HANDLES: Final = (
    "@anna_cooks",
    "@ben",
    "@weather_daily",
    "@soupkitchen",
    "@clara77",
    "@teatime",
    "@noodlefan",
)
LINKS: Final = (
    "https://example.org/weather",
    "https://example.org/recipes/apple-cake",
    "https://example.com/a7Fq",
    "www.example.net/bread",
)
EMOJI: Final = "🍞🍎🍵🥕☀🌧🌻🙂"
_PIECE: Final = re.compile(r"\S+")


def padding(text: str, sentences: float, draw: random.Random) -> str:
    """Put harmless sentences before and after, in equal numbers, as far as that goes."""
    return _padded(text, sentences, draw, HARMLESS)


def padding_german(text: str, sentences: float, draw: random.Random) -> str:
    """Put harmless German sentences before and after."""
    return _padded(text, sentences, draw, HARMLESS_GERMAN)


def mentions(text: str, count: float, draw: random.Random) -> str:
    """Put handles before the text."""
    return " ".join([*draw.choices(HANDLES, k=int(count)), text])


def links(text: str, count: float, draw: random.Random) -> str:
    """Put links after the text."""
    return " ".join([text, *draw.choices(LINKS, k=int(count))])


def emoji_between(text: str, share: float, draw: random.Random) -> str:
    """Put an emoji that means nothing here after a share of the words."""
    ends = chosen([end for _, end in words(text)], share, draw)
    return replaced(text, [((end, end), f" {draw.choice(EMOJI)}") for end in ends])


def truncation(text: str, pieces: float, _: random.Random) -> str:
    """Leave the first words only: what stands between blanks counts as one."""
    ends = [match.end() for match in _PIECE.finditer(text)]
    return text[: ends[int(pieces) - 1]] if len(ends) > pieces else text


def _padded(text: str, sentences: float, draw: random.Random, among: Sequence[str]) -> str:
    drawn = draw.sample(among, int(sentences))
    half = len(drawn) // 2
    return " ".join([*drawn[:half], text, *drawn[half:]])
