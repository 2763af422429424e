"""Texts in, margins out: normalised, cut into windows, read window by window on several threads."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tocsin.models.encoder.session import Session
from tocsin.models.encoder.windows import Window, Windows
from tocsin.models.portions import portions
from tocsin.models.screen import Screen
from tocsin.signals import Signal
from tocsin.text import normalise

__all__ = ["Encoder", "EncoderReading"]

_CHARACTERS_AT_ONCE: Final = 1 << 18

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class EncoderReading:
    """Hold the ``(texts, signals)`` margins of texts, and for each the window that had the highest."""

    margins: Floats
    windows: Ints


@dataclass(frozen=True, slots=True)
class Encoder:
    """Hold the model: what cuts texts, what reads windows, the signals of its margins, and its languages.

    A text's margin is the highest of its windows', for a call for violence at the end of a long text is one,
    and to it is added what `screen` makes of the whole text, `blend` times, a factor a signal. A text has the
    same margins alone and in any batch, to the bit, on one machine. `threads` windows are read at a time.
    """

    signals: tuple[Signal, ...]
    languages: frozenset[str]
    windows: Windows
    session: Session
    screen: Screen
    blend: tuple[float, ...]
    threads: int = 1

    def read(self, texts: Sequence[str]) -> EncoderReading:
        """Return the margins of texts as posted, and the window that each comes from."""
        return self.read_normal([normalise(text) for text in texts])

    def read_normal(self, texts: Sequence[str]) -> EncoderReading:
        """Return the margins of texts that are normalised already."""
        parts = [self._part(part) for part in portions(texts, _CHARACTERS_AT_ONCE)]
        if not parts:
            return EncoderReading(
                np.empty((0, len(self.signals))), np.empty((0, len(self.signals)), np.int64)
            )
        return EncoderReading(
            np.concatenate([part.margins for part in parts]), np.concatenate([part.windows for part in parts])
        )

    def margins(self, texts: Sequence[str]) -> Floats:
        """Return the ``(texts, signals)`` margins of texts as posted."""
        return self.read(texts).margins

    def _part(self, texts: Sequence[str]) -> EncoderReading:
        cut = self.windows.of(texts)
        told = self._told([window for windows in cut for window in windows])
        ends = np.cumsum([len(windows) for windows in cut])
        by_text = np.split(told, ends[:-1])
        return EncoderReading(
            np.stack([margins.max(axis=0) for margins in by_text]) + self._screened(texts),
            np.stack([margins.argmax(axis=0) for margins in by_text]),
        )

    def _screened(self, texts: Sequence[str]) -> Floats:
        """Return what the screen adds, ``(texts, signals)``."""
        added = np.zeros((len(texts), len(self.signals)))
        heard = [column for column, factor in enumerate(self.blend) if factor]
        if heard:
            margins = self.screen.read_normal(texts).margins
            columns = [self.screen.signals.index(self.signals[column]) for column in heard]
            added[:, heard] = margins[:, columns] * np.array(self.blend)[heard]
        return added

    def _told(self, windows: Sequence[Window]) -> Floats:
        """Return the margins of each window; the longest are read first: no thread is left with one."""
        order = sorted(range(len(windows)), key=lambda place: -len(windows[place].ids))
        ids = [windows[place].ids for place in order]
        if self.threads == 1 or len(ids) == 1:
            found = list(map(self.session.margins, ids))
        else:
            with ThreadPoolExecutor(min(self.threads, len(ids))) as pool:
                found = list(pool.map(self.session.margins, ids))
        told = np.empty((len(windows), len(self.signals)))
        told[order] = found
        return told
