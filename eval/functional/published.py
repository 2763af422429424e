"""What others published about HateCheck, to stand beside a bundle's own figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

__all__ = ["BERT_DAVIDSON", "BERT_FOUNTA", "HATECHECK_CASES", "HATECHECK_SYSTEMS", "PERSPECTIVE", "Published"]

HATECHECK_CASES: Final = 3_728


@dataclass(frozen=True, slots=True)
class Published:
    """Hold a system's accuracy on all of HateCheck's cases, in [0, 1], None where our source has none.

    `functionalities` are by HateCheck's own names, of cases of one label each.
    """

    system: str
    overall: float
    hateful: float | None = None
    harmless: float | None = None
    functionalities: Mapping[str, float] = field(default_factory=dict)


# All are from the notebook that HateCheck's authors published with their paper (Röttger et al. 2021),
# which takes Perspective's score for hateful from one half on: nobody fitted that threshold to anything.
PERSPECTIVE: Final = Published(
    system="Perspective IDENTITY_ATTACK",
    overall=0.766,
    hateful=0.895,
    harmless=0.482,
    functionalities={
        "counter_quote_nh": 0.156,  # hate quoted in order to reject it
        "counter_ref_nh": 0.184,  # hate referred to in order to reject it
        "negate_neg_nh": 0.038,  # hate negated
        "slur_reclaimed_nh": 0.284,
        "spell_leet_h": 0.682,
        "spell_space_add_h": 0.740,
    },
)
BERT_DAVIDSON: Final = Published(system="BERT fine-tuned on Davidson", overall=0.632)
BERT_FOUNTA: Final = Published(system="BERT fine-tuned on Founta", overall=0.602)
HATECHECK_SYSTEMS: Final = (PERSPECTIVE, BERT_DAVIDSON, BERT_FOUNTA)
