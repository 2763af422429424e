"""Hugging Face's trainer, which takes steps as planned, keeps checkpoints and tells how far it is."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset
from transformers import Trainer, TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from tocsin.training.encoder.config import EncoderConfig
from tocsin.training.encoder.network import Network

__all__ = ["QUALITY", "Averaging", "PlannedTrainer", "Progress", "arguments", "latest_checkpoint"]

QUALITY: Final = "quality"
_ROWS_AT_ONCE: Final = 128
_LOOKS_AT_LOSS: Final = 200  # in the whole training
_STEPS_A_MOVE: Final = 8  # of an average: going through all weights takes a tenth of a step on a CPU
_SAVES: Final = 10  # in a training that nobody looks at

Tell = Callable[[str], None]


class PlannedTrainer(Trainer):
    """Take steps as planned, by a loss and at rates of one's own."""

    def __init__(
        self,
        *,
        plan: Sequence[list[int]],
        drawn: Dataset[Any],
        collate: Callable[[Any], Mapping[str, Tensor]],
        loss: Callable[[Mapping[str, Tensor]], Tensor],
        groups: list[dict[str, Any]],
        **rest: Any,
    ) -> None:
        super().__init__(**rest)
        self._plan, self._drawn, self._collate, self._loss, self._groups = plan, drawn, collate, loss, groups

    def get_train_dataloader(self) -> DataLoader[Any]:
        """Return the plan's steps, in order."""
        return DataLoader(self._drawn, batch_sampler=list(self._plan), collate_fn=self._collate)

    def create_optimizer(self, model: Any = None) -> torch.optim.Optimizer:
        """Return AdamW with a rate a layer."""
        del model
        if self.optimizer is None:
            self.optimizer = torch.optim.AdamW(self._groups, betas=(0.9, 0.98), fused=True)
        return self.optimizer

    def compute_loss(self, model: Any, inputs: dict[str, Tensor], *_: Any, **__: Any) -> Tensor:
        """Return the loss of a batch."""
        del model  # the network itself, or a wrapper of it
        return self._loss(inputs)

    def prediction_step(
        self, model: Any, inputs: dict[str, Tensor], prediction_loss_only: bool, ignore_keys: Any = None
    ) -> tuple[None, Tensor, Tensor]:
        """Return margins and targets."""
        del prediction_loss_only, ignore_keys
        inputs = self._prepare_inputs(inputs)
        with torch.no_grad():
            margins = model(inputs["input_ids"], inputs["attention_mask"])
        return None, margins, inputs["labels"]


class Averaging(TrainerCallback):
    """Keep the network's average of its weights, which remembers less at first than later.

    After t steps it holds ``min(decay, (1 + t) / (10 + t))`` of what it was; it is moved once in some steps.
    """

    def __init__(self, network: Network, decay: float) -> None:
        self._network, self._decay = network, decay

    def on_step_end(self, args: Any, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        """Move the average, if its turn has come."""
        del args, control
        taken = state.global_step
        if taken % _STEPS_A_MOVE == 0:
            kept = min(self._decay, (1 + taken) / (10 + taken)) ** _STEPS_A_MOVE
            self._network.step_average(1 - kept)


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


def arguments(config: EncoderConfig, planned: int, work: Path, *, looks: bool = True) -> TrainingArguments:
    """Return what Hugging Face's trainer is told: when to look, if ever, what to keep, how the rate goes."""
    every = math.ceil(planned / (config.evaluations if looks else _SAVES))
    looking: dict[str, Any] = {
        "eval_strategy": "steps",
        "eval_steps": every,
        "load_best_model_at_end": True,
        "metric_for_best_model": QUALITY,
        "greater_is_better": True,
    }
    return TrainingArguments(
        output_dir=str(work),
        max_steps=planned,
        per_device_eval_batch_size=_ROWS_AT_ONCE,
        warmup_steps=round(config.warmup * planned),
        lr_scheduler_type="linear",
        use_cpu=not torch.cuda.is_available(),
        save_strategy="steps",
        save_steps=every,
        save_total_limit=2,
        restore_callback_states_from_checkpoint=True,
        logging_steps=max(planned // _LOOKS_AT_LOSS, 1),
        seed=config.seed,
        data_seed=config.seed,
        disable_tqdm=True,
        report_to=[],
        remove_unused_columns=False,
        label_names=["labels"],
        dataloader_pin_memory=False,
        **(looking if looks else {}),
    )
