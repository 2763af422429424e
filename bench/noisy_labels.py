"""Measure what training against label noise brings, on one corpus and signal alone.

    TOCSIN_DATA=/path/to/corpora python bench/noisy_labels.py [--corpus digital-extremism]
    [--signal extremism] [--backbone FOLDER OR HUB ID] [--seeds 5] [--epochs 4] [--json FILE]

Each way of learning is fitted at the same seeds, to the end, on the corpus's training rows; the one to keep
is chosen by the dev column. Ways: labels as `given`; `smoothed` by a tenth; `pruned` of likely errors
(confident learning, Northcutt et al. 2021); `softened`, half the label and half what models that did not see
the row said (soft labels of several seeds); `co-taught`, two networks that learn from what the other finds
likely (Han et al. 2018). Likely errors and soft labels are by encoders of the same backbone, five folds,
copies on one side. An interval is a 95% bootstrap over rows of the mean over seeds. Needs the extras train,
encoder and eval.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from cleanlab.filter import find_label_issues
from numpy.typing import NDArray
from rich.console import Console
from sklearn.metrics import roc_auc_score
from torch import Tensor, nn
from transformers import PrinterCallback

from tocsin.cli.data.options import builds_home, data_folder
from tocsin.cli.table import print_table
from tocsin.example import Example, Split, gold
from tocsin.signals import Signal
from tocsin.text import normalise
from tocsin.training.build import Selection, build
from tocsin.training.encoder.config import EncoderConfig
from tocsin.training.encoder.network import Network, parameter_groups, quieten, read_tokenizer
from tocsin.training.encoder.plan import draws, steps
from tocsin.training.encoder.rows import Collate, EncodedRows, Ints, encode, padded
from tocsin.training.encoder.spellings import hidden
from tocsin.training.encoder.trainer import PlannedTrainer, arguments
from tocsin.training.folds import clusters, grouped_folds

SMOOTHED: Final = 0.1
FORGOTTEN: Final = 0.12  # of a batch, by what confident learning estimates of digital-extremism
FIRST_STEPS: Final = 0.25  # of a co-taught training, until all of that is forgotten
TEACHERS: Final = 3  # seeds behind a soft label
DRAWS: Final = 1000
ROWS_AT_ONCE: Final = 128
FALSE_ALARMS: Final = (0.05, 0.01)

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Sheet:
    """Hold the rows of one cell: token ids, what is said of each (0 to 1), and what that counts for."""

    ids: Sequence[Ints]
    said: Floats
    weights: Floats

    def at(self, places: NDArray[np.int64]) -> Sheet:
        """Return some of the rows."""
        return Sheet([self.ids[place] for place in places.tolist()], self.said[places], self.weights[places])

    @property
    def encoded(self) -> EncodedRows:
        """Return the rows as the trainer takes them."""
        column = (len(self.ids), 1)
        return EncodedRows(
            [[one] for one in self.ids],
            self.said.reshape(column).astype(np.float32),
            self.weights.reshape(column).astype(np.float32),
            np.zeros(column, np.int64),
        )


class Pair(nn.Module):
    """Hold networks that learn side by side; of two, each from the rows that the other finds likely."""

    def __init__(self, networks: Sequence[Network], planned: int) -> None:
        super().__init__()
        self.networks = nn.ModuleList(networks)
        self._planned, self._taken = planned, 0

    def loss(self, batch: Mapping[str, Tensor]) -> Tensor:
        """Return the networks' mean losses, added up."""
        each = [self._each(network, batch) for network in self.networks]
        if len(each) == 1:
            return each[0].mean()
        self._taken += 1
        forgotten = FORGOTTEN * min(self._taken / (FIRST_STEPS * self._planned), 1)
        kept = max(round((1 - forgotten) * len(each[0])), 1)
        likely = [losses.detach().argsort()[:kept] for losses in each]
        return torch.stack([each[0][likely[1]].mean(), each[1][likely[0]].mean()]).sum()

    @staticmethod
    def _each(network: Any, batch: Mapping[str, Tensor]) -> Tensor:
        margins = network(batch["input_ids"], batch["attention_mask"])[:, 0]
        return nn.functional.binary_cross_entropy_with_logits(
            margins, batch["labels"][:, 0], weight=batch["weights"][:, 0], reduction="none"
        )


@dataclass(frozen=True)
class Learner:
    """Hold what all fine-tunings share."""

    config: EncoderConfig
    signal: Signal
    tokenizer: Any

    def read(self, rows: Sequence[Example]) -> Sheet:
        """Return rows with their labels as given."""
        ids = encode([normalise(row.text) for row in rows], self.tokenizer, self.config.max_tokens)
        return Sheet(ids, gold(rows, self.signal).astype(np.float64), np.ones(len(rows)))

    def learn(self, sheet: Sheet, seed: int, networks: int = 1) -> Callable[[Sheet], Floats]:
        """Fine-tune on a sheet; return what gives the probabilities of others: networks' means."""
        found = [
            Network.of(self.config.model_copy(update={"seed": seed + 1000 * number}), [self.signal], 0)
            for number in range(networks)
        ]
        kept = sheet.at(np.flatnonzero(sheet.weights))
        config, rows = self.config.model_copy(update={"seed": seed}), kept.encoded
        drawn = draws([""] * len(rows), config.epochs, 1, seed)
        plan = list(steps(drawn, rows.lengths, config.rows_a_step, seed))
        pair, hide = Pair(found, len(plan)), hidden(self.tokenizer, config)
        with tempfile.TemporaryDirectory() as work:
            trainer = PlannedTrainer(
                plan=plan,
                drawn=_Turns(rows, drawn),
                collate=Collate(rows, int(self.tokenizer.pad_token_id)),
                loss=lambda batch: pair.loss({**batch, "input_ids": hide(batch["input_ids"])}),
                groups=[group for one in found for group in parameter_groups(one, config)],
                model=pair,
                args=replace(arguments(config, len(plan), Path(work), looks=False), save_strategy="no"),
            )
            trainer.remove_callback(PrinterCallback)
            trainer.train()
        return partial(self._probabilities, [one.train(False) for one in found])

    def _probabilities(self, networks: Sequence[Network], sheet: Sheet) -> Floats:
        order = np.argsort([len(one) for one in sheet.ids], kind="stable")
        said = np.zeros(len(sheet.ids))
        for first in range(0, len(order), ROWS_AT_ONCE):
            places = order[first : first + ROWS_AT_ONCE]
            batch = padded([sheet.ids[place] for place in places], int(self.tokenizer.pad_token_id))
            with torch.inference_mode():
                margins = [network(batch["input_ids"], batch["attention_mask"])[:, 0] for network in networks]
            said[places] = torch.stack(margins).double().sigmoid().mean(0).numpy()
        return said

    def out_of_fold(self, sheet: Sheet, grouped: NDArray[np.int64], tell: Callable[[str], None]) -> Floats:
        """Return for each row the mean probability by several seeds that saw neither it nor a copy."""
        said = np.zeros(len(sheet.ids))
        for number, (fitted, held) in enumerate(grouped_folds(grouped), start=1):
            tell(f"fold {number}: {TEACHERS} seeds")
            for seed in range(TEACHERS):
                said[held] += self.learn(sheet.at(fitted), seed + 101)(sheet.at(held)) / TEACHERS
        return said


@dataclass(frozen=True)
class _Turns(torch.utils.data.Dataset[Any]):
    rows: EncodedRows
    places: Ints

    def __len__(self) -> int:
        return len(self.places)

    def __getitem__(self, turn: int) -> Any:
        return self.rows[int(self.places[turn])]


def ways(sheet: Sheet, guessed: Floats) -> Mapping[str, tuple[Sheet, int]]:
    """Return what each way of learning is told, and how many networks it takes."""
    labels = sheet.said.astype(np.int64)
    wrong = find_label_issues(
        labels, np.stack([1 - guessed, guessed], 1), filter_by="prune_by_noise_rate", n_jobs=1
    )
    return {
        "given": (sheet, 1),
        "smoothed": (replace(sheet, said=sheet.said * (1 - SMOOTHED) + SMOOTHED / 2), 1),
        "pruned": (replace(sheet, weights=np.where(wrong, 0.0, 1.0)), 1),
        "softened": (replace(sheet, said=(sheet.said + guessed) / 2), 1),
        "co-taught": (sheet, 2),
    }


def figures(truth: Floats, said: Sequence[Floats]) -> dict[str, float]:
    """Return means over seeds: AUROC, and recall at shares of false alarms."""
    found = {"AUROC": float(np.mean([roc_auc_score(truth, one) for one in said]))}
    for share in FALSE_ALARMS:
        found[f"recall at fpr {share:.0%}"] = float(np.mean([_recall(truth, one, share) for one in said]))
    return found


def interval(truth: Floats, said: Sequence[Floats], beside: Sequence[Floats]) -> Mapping[str, list[float]]:
    """Return 95% intervals of the differences to another way, rows drawn in pairs."""
    rng, found = np.random.default_rng(0), []
    for _ in range(DRAWS):
        rows = rng.integers(len(truth), size=len(truth))
        ours = figures(truth[rows], [one[rows] for one in said])
        theirs = figures(truth[rows], [one[rows] for one in beside])
        found.append([ours[name] - theirs[name] for name in ours])
    low, high = np.quantile(found, [0.025, 0.975], axis=0).tolist()
    return {name: [low[place], high[place]] for place, name in enumerate(figures(truth, said))}


def _recall(truth: Floats, said: Floats, share: float) -> float:
    """Return the recall where at most this share of the negatives is flagged."""
    negatives = np.sort(said[truth == 0])
    threshold = negatives[-int(share * len(negatives)) - 1]
    return float((said[truth == 1] > threshold).mean())


def main(arguments_: Sequence[str]) -> None:
    """Fit every way at every seed, print a table of dev and test, and write everything where asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", default="digital-extremism")
    parser.add_argument("--signal", type=Signal, default=Signal.EXTREMISM)
    parser.add_argument("--backbone", default=EncoderConfig().backbone)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--epochs", type=float, default=4)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args(arguments_)
    tell = Console(stderr=True).print
    quieten()
    config = EncoderConfig(backbone=options.backbone, rows_a_step=32, epochs=options.epochs)
    learner = Learner(config, options.signal, read_tokenizer(config))
    built = build(Selection(data_folder(options.data)), builds_home(), tell)
    rows = {
        split: [one for one in found if one.corpus == options.corpus and gold([one], options.signal)[0] >= 0]
        for split, found in built.splits.rows.items()
    }
    sheets = {split: learner.read(rows[split]) for split in (Split.TRAIN, Split.DEV, Split.TEST)}
    train = sheets.pop(Split.TRAIN)
    tell({str(split): len(found) for split, found in rows.items()})
    guessed = learner.out_of_fold(train, clusters(rows[Split.TRAIN]), tell)
    said: dict[str, dict[Split, list[Floats]]] = {}
    for name, (sheet, networks) in ways(train, guessed).items():
        tell(f"{name}: {options.seeds} seeds, {int((sheet.weights > 0).sum())} rows")
        fitted = [learner.learn(sheet, seed, networks) for seed in range(1, options.seeds + 1)]
        said[name] = {split: [one(sheet) for one in fitted] for split, sheet in sheets.items()}
    report(said, {split: sheet.said for split, sheet in sheets.items()}, options.json)


def report(
    said: Mapping[str, Mapping[Split, Sequence[Floats]]], truth: Mapping[Split, Floats], out: Path | None
) -> None:
    """Print each way's figures on dev and test, test's with how far they are from labels as given."""
    lines, told = [], {}
    for name, by_split in said.items():
        dev, test = (figures(truth[split], by_split[split]) for split in (Split.DEV, Split.TEST))
        apart = interval(truth[Split.TEST], by_split[Split.TEST], said["given"][Split.TEST])
        told[name] = {"dev": dev, "test": test, "beside given": apart}
        lines += [
            (name, kind, f"{dev[kind]:.3f}", f"{test[kind]:.3f}", "[{:+.3f}, {:+.3f}]".format(*apart[kind]))
            for kind in test
        ]
    print_table("learning from noisy labels", ("way", "figure", "dev", "test", "test − given, 95%"), lines)
    if out:
        out.write_text(json.dumps(told, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
