"""How a picture looks: on a page, whose colours and letters it takes, or by itself on a slide."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

__all__ = ["ACCENT", "FAINT", "INK", "MARK", "MUTED", "PAGE", "PAPER", "SLIDE", "Look"]

# Stand for the page's own colours, light or dark.
INK, MUTED, FAINT, ACCENT, MARK, PAPER = (f"#00000{number}" for number in range(1, 7))


@dataclass(frozen=True, slots=True)
class Look:
    """Hold colours, and lengths in points; a height of 0 is as much as there is to show.

    `line` is the height of a line, `letter` the mean width of a letter of `size`, `longest` how many of them
    a label may have, `edge` what is kept free for a scale, `pad` at the left and `foot` below all. `stroke`
    thickens lines and dots.
    """

    ink: str
    muted: str
    faint: str
    accent: str
    mark: str
    paper: str
    width: float
    height: float
    line: float
    edge: float
    letter: float
    longest: int
    size: float
    indent: float
    stroke: float = 1.0
    pad: float = 2.0
    foot: float = 0.0

    @property
    def letters(self) -> dict[str, Any]:
        """Return how numbers of a scale are written."""
        return {"fontsize": self.size, "color": self.muted}

    @property
    def title(self) -> dict[str, Any]:
        """Return how a title is written."""
        return {"fontsize": 1.25 * self.size, "fontweight": "bold", "color": self.ink, "va": "center"}


PAGE: Final = Look(  # as wide as a phone, nearly: letters must not shrink much
    *(INK, MUTED, FAINT, ACCENT, MARK, PAPER),
    width=430.0,
    height=0.0,
    line=17.0,
    edge=22.0,
    letter=5.9,
    longest=34,
    size=11.0,
    indent=12.0,
)
SLIDE: Final = Look(  # 1920 by 1080 pixels at 144 to the inch, in the page's light colours
    *("#1b1f24", "#57606a", "#d5d9de", "#0b57a4", "#8f3a00", "#ffffff"),
    width=960.0,
    height=540.0,
    line=32.0,
    edge=44.0,
    letter=11.0,
    longest=24,
    size=18.0,
    indent=22.0,
    stroke=1.8,
    pad=40.0,
    foot=40.0,
)
