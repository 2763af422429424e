"""Hugging Face's trainer, which takes steps as planned, keeps checkpoints and tells how far it is."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import torch
from torch import Tensor
from torch.utils.data import DataLoader
from transformers import Trainer, TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from tocsin.training.encoder.config import EncoderConfig
from tocsin.training.encoder.network import Network, parameter_groups
from tocsin.training.encoder.rows import Collate
from tocsin.training.encoder.spellings import Drawn

__all__ = ["QUALITY", "PlannedTrainer", "Progress", "arguments", "latest_checkpoint"]

QUALITY: Final = "quality"
_ROWS_AT_ONCE: Final = 128
_LOOKS_AT_LOSS: Final = 200  # in the whole training

Tell = Callable[[str], None]


class PlannedTrainer(Trainer):
    """Take steps as planned, with the network's own loss and rates."""

    def __init__(
        self,
        *,
        plan: Sequence[list[int]],
        drawn: Drawn,
        collate: Collate,
        hide: Callable[[Tensor], Tensor],
        config: EncoderConfig,
        **rest: Any,
    ) -> None:
        super().__init__(**rest)
        self._plan, self._drawn, self._collate, self._hide, self._config = plan, drawn, collate, hide, config

    @property
    def network(self) -> Network:
        """Return the network as it is now."""
        network = self.model
        assert isinstance(network, Network)  # noqa: S101 - what it was made with
        return network

    def get_train_dataloader(self) -> DataLoader[Any]:
        """Return the plan's steps, in order."""
        return DataLoader(self._drawn, batch_sampler=list(self._plan), collate_fn=self._collate)

    def create_optimizer(self, model: Any = None) -> torch.optim.Optimizer:
        """Return AdamW with a rate a layer."""
        del model
        if self.optimizer is None:
            groups = parameter_groups(self.network, self._config)
            self.optimizer = torch.optim.AdamW(groups, betas=(0.9, 0.98), fused=True)
        return self.optimizer

    def compute_loss(self, model: Any, inputs: dict[str, Tensor], *_: Any, **__: Any) -> Tensor:
        """Return the loss of a batch, some of its tokens hidden."""
        del model  # the network itself, or a wrapper of it
        return self.network.loss({**inputs, "input_ids": self._hide(inputs["input_ids"])})

    def prediction_step(
        self, model: Any, inputs: dict[str, Tensor], prediction_loss_only: bool, ignore_keys: Any = None
    ) -> tuple[None, Tensor, Tensor]:
        """Return margins and targets."""
        del model, prediction_loss_only, ignore_keys
        inputs = self._prepare_inputs(inputs)
        with torch.no_grad():
            margins = self.network(inputs["input_ids"], inputs["attention_mask"])
        return None, margins, inputs["labels"]


class Progress(TrainerCallback):
    """Tell the loss, how far training is, and the time that is left."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._started, self._from = time.monotonic(), 0

    def on_train_begin(self, args: Any, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        """Look at the clock, and where a training that goes on begins."""
        del args, control
        self._started, self._from = time.monotonic(), state.global_step

    def on_log(
        self, args: Any, state: TrainerState, control: TrainerControl, logs: Any = None, **_: Any
    ) -> None:
        """Tell what was logged."""
        del args, control
        took = time.monotonic() - self._started
        done = state.global_step - self._from
        left = took / max(done, 1) * (state.max_steps - state.global_step)
        told = f"step {state.global_step} of {state.max_steps}, {left / 60:.0f} min left"
        if "loss" in (logs or {}):
            self._tell(f"{told}: loss {logs['loss']:.4f}")
        elif f"eval_{QUALITY}" in (logs or {}):
            self._tell(f"{told}: dev AUROC {logs[f'eval_{QUALITY}']:.4f}")


def latest_checkpoint(work: Path) -> str | None:
    """Return the latest checkpoint in a folder that was written to its end, None where there is none."""
    whole = [path.parent for path in work.glob("checkpoint-*/trainer_state.json")]  # which is written last
    return str(max(whole, key=lambda path: int(path.name.partition("-")[2]))) if whole else None


def arguments(config: EncoderConfig, planned: int, work: Path) -> TrainingArguments:
    """Return what Hugging Face's trainer is told: when to look, what to keep, how the rate goes."""
    look = math.ceil(planned / config.evaluations)
    return TrainingArguments(
        output_dir=str(work),
        max_steps=planned,
        per_device_eval_batch_size=_ROWS_AT_ONCE,
        warmup_steps=round(config.warmup * planned),
        lr_scheduler_type="linear",
        use_cpu=not torch.cuda.is_available(),
        eval_strategy="steps",
        eval_steps=look,
        save_strategy="steps",
        save_steps=look,
        save_total_limit=2,
        load_best_model_at_end=True,
        restore_callback_states_from_checkpoint=True,
        metric_for_best_model=QUALITY,
        greater_is_better=True,
        logging_steps=max(planned // _LOOKS_AT_LOSS, 1),
        seed=config.seed,
        data_seed=config.seed,
        disable_tqdm=True,
        report_to=[],
        remove_unused_columns=False,
        label_names=["labels"],
        dataloader_pin_memory=False,
    )
