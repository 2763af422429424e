"""Labelled corpora, one file each: native format in, `Example` out."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from tocsin.training.corpora import (
    collective_action,
    digital_extremism,
    gab_hate_corpus,
    hatemoji_build,
    implicit_hate,
    muc,
    pheme,
)
from tocsin.training.corpora.corpus import Corpus

__all__ = ["CORPORA", "Corpus"]

CORPORA: Final[Mapping[str, Corpus]] = MappingProxyType(
    {
        module.CORPUS.name: module.CORPUS
        for module in (
            collective_action,
            digital_extremism,
            gab_hate_corpus,
            hatemoji_build,
            implicit_hate,
            muc,
            pheme,
        )
    }
)
