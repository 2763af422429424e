"""How a backbone is fine-tuned on the task of one corpus: the same for every task."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from tocsin.training.encoder.config import EncoderConfig

__all__ = ["TaskConfig"]

Share = Annotated[float, Field(ge=0, le=1)]


class TaskConfig(BaseModel):
    """Hold the settings of one fine-tuning; each means what it means in `EncoderConfig`.

    Nothing is tuned to a task. After each epoch comes a look at dev, and the best look is kept.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    backbone: str = EncoderConfig().backbone
    max_tokens: int = Field(default=128, ge=8, le=512)
    epochs: float = Field(default=3, gt=0)
    rows_a_step: int = Field(default=32, ge=1)
    learning_rate: float = Field(default=2e-4, gt=0)
    layer_decay: float = Field(default=0.9, gt=0, le=1)
    warmup: Share = 0.06
    weight_decay: float = Field(default=0.01, ge=0)
    masked: Share = 0.1
    compiled: bool = False

    def encoder(self, seed: int) -> EncoderConfig:
        """Return the same settings as an encoder's experiment at a seed, each row as likely drawn as any."""
        return EncoderConfig(**self.model_dump(), temperature=1, seed=seed)

    @property
    def known_as(self) -> str:
        """Return what records call the backbone: never a path of this machine."""
        return self.encoder(0).known_as
