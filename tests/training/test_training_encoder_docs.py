"""The experiment that the documentation shows is the one that is run."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from tocsin.training.encoder.config import EncoderConfig

PAGE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "train.md"


def test_the_page_on_training_shows_every_setting_of_an_encoder_with_its_default() -> None:
    shown = re.search(r"```toml\n(backbone = .*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)

    assert shown is not None
    told = tomllib.loads(shown[1])
    assert EncoderConfig.model_validate(told) == EncoderConfig()
    assert set(told) == set(EncoderConfig.model_fields) - {"name"}
