"""Labelled corpora, one file each: native format in, `Example` out."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from tocsin.training.corpora import (
    cad,
    collective_action,
    davidson,
    digital_extremism,
    edos,
    gab_hate_corpus,
    gahd,
    germeval_2026,
    hatecheck,
    hatemoji_build,
    hatemoji_check,
    hatexplain,
    implicit_hate,
    isis_supporters,
    isis_topic,
    muc,
    multilingual_hatecheck,
    pheme,
    stormfront,
)
from tocsin.training.corpora.corpus import Corpus

__all__ = ["CORPORA", "Corpus"]

CORPORA: Final[Mapping[str, Corpus]] = MappingProxyType(
    {
        module.CORPUS.name: module.CORPUS
        for module in (
            cad,
            collective_action,
            davidson,
            digital_extremism,
            edos,
            gab_hate_corpus,
            gahd,
            germeval_2026,
            hatecheck,
            hatemoji_build,
            hatemoji_check,
            hatexplain,
            implicit_hate,
            isis_supporters,
            isis_topic,
            muc,
            multilingual_hatecheck,
            pheme,
            stormfront,
        )
    }
)
