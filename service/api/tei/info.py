"""What the server tells of itself in the TEI format."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import tocsin
from tocsin.service.scoring import EngineLimits
from tocsin.signals import Signal

if TYPE_CHECKING:
    from tocsin.models import Scorer
    from tocsin.service.api.settings import ServeSettings

__all__ = ["info"]


def info(scorer: Scorer, settings: ServeSettings) -> dict[str, Any]:
    """Return every field of the format; what it counts in tokens is counted in code points here."""
    model = scorer.model
    labels = [signal.value for signal in Signal if signal in scorer.bundle.manifest.signals]
    return {
        "model_id": model.name,
        "model_sha": model.digest,
        "model_dtype": "int8" if scorer.bundle.encoder else str(scorer.bundle.screen.table.dtype),
        "served_model_name": f"{model.name}-{model.version}",
        "model_type": {
            "classifier": {
                "id2label": {str(place): label for place, label in enumerate(labels)},
                "label2id": {label: place for place, label in enumerate(labels)},
            }
        },
        "max_concurrent_requests": settings.max_requests,
        "max_input_length": scorer.conditions.max_characters,
        "max_batch_tokens": EngineLimits().batch_characters,
        "max_client_batch_size": settings.max_items,
        "auto_truncate": False,
        "tokenization_workers": settings.workers,
        "version": tocsin.__version__,
    }
