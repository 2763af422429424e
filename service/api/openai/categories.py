"""The categories of the moderations format, and which of them a policy file scores."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tocsin.assessment import SCORE_DECIMALS, Level
from tocsin.errors import PolicyError
from tocsin.models import Scorer
from tocsin.policy import TargetKind, read_policy

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from tocsin.assessment import Assessment, PolicyResult
    from tocsin.models.gates import FittedPolicy
    from tocsin.policy import PolicyDocument

__all__ = ["CATEGORIES", "SHIPPED", "Categories", "moderation_policies"]

CATEGORIES: Final = {
    "hate": "Hate for a protected characteristic.",
    "hate/threatening": "Such hate with violence or serious harm.",
    "harassment": "Harassing language.",
    "harassment/threatening": "Threat of violence or serious harm against anybody.",
    "illicit": "Advice on how to do wrong.",
    "illicit/violent": "Advice on how to do violent wrong.",
    "self-harm": "Self-harm.",
    "self-harm/intent": "An intent to harm oneself.",
    "self-harm/instructions": "Advice on how to harm oneself.",
    "sexual": "Sexual content.",
    "sexual/minors": "Sexual content with a minor.",
    "violence": "A depiction of death, violence or injury.",
    "violence/graphic": "Such a depiction in detail.",
}
# By OpenAI's descriptions each is the other "that also includes" something, or the other in detail.
_NARROWER: Final[Mapping[str, str]] = {
    "hate/threatening": "hate",
    "harassment/threatening": "harassment",
    "sexual/minors": "sexual",
    "violence/graphic": "violence",
}
SHIPPED: Final = Path(__file__).with_name("categories.toml")

_NONE: Final = dict.fromkeys(CATEGORIES, False)
_ZERO: Final = dict.fromkeys(CATEGORIES, 0.0)
_UNAPPLIED: Final[dict[str, tuple[str, ...]]] = dict.fromkeys(CATEGORIES, ())
_FIRED: Final = frozenset({Level.REVIEW, Level.URGENT})
_WITHOUT_ROWS: Final = frozenset({TargetKind.NUMBER, TargetKind.BUDGET})  # labelled rows do not set these


class Categories:
    """Read assessments as moderations: each policy of a file is the category of its name.

    `file` None is the one that ships. Raises PolicyError where it names what is no category.
    """

    def __init__(self, scorer: Scorer, file: Path | None = None) -> None:
        document = moderation_policies(file)
        for policy in document.policies:
            if policy.name not in CATEGORIES:
                raise PolicyError(
                    document.source,
                    f"policies.{policy.name}",
                    f"must be named after a category: {', '.join(CATEGORIES)}",
                )
        self._scorer = Scorer(
            scorer.bundle,
            document,
            assume_language=scorer.conditions.assume_language,
            max_characters=scorer.conditions.max_characters,
        )
        self._blind = {
            language: frozenset(one.policy.name for one in self._scorer.policies(language) if _is_blind(one))
            for language in scorer.bundle.manifest.languages
        }

    def moderations(self, assessments: Sequence[Assessment]) -> list[dict[str, Any]]:
        """Return one result of the wire format for each assessment, in order.

        What cannot be scored is false, 0.0, and applied to nothing: an unscorable text throughout,
        and a category whose thresholds were fitted on no positive row of the text's language.
        """
        return [
            _moderation(results, self._blind.get(self._scorer.judged_as(one), ()))
            for one, results in zip(assessments, self._scorer.results(assessments), strict=True)
        ]


def moderation_policies(file: Path | None = None) -> PolicyDocument:
    """Return the policies of a file of categories, of the one that ships where none is given."""
    return read_policy(file or SHIPPED)


def _is_blind(fitted: FittedPolicy) -> bool:
    """Say whether a threshold was fitted on rows of which none is positive: what it finds is unknown."""
    return any(
        gate.target.kind not in _WITHOUT_ROWS and not gate.whole.positives
        for gate in (fitted.review, fitted.urgent)
    )


def _moderation(results: Sequence[PolicyResult], blind: Collection[str]) -> dict[str, Any]:
    flags, scores, applied = dict(_NONE), dict(_ZERO), dict(_UNAPPLIED)
    for result in results:
        if result.score is not None and result.name not in blind:
            flags[result.name] = result.level in _FIRED
            scores[result.name] = round(result.score, SCORE_DECIMALS)
            applied[result.name] = ("text",)
    for narrow, wide in _NARROWER.items():
        if applied[wide] and not flags[wide]:
            flags[narrow] = False
    return {
        "flagged": any(flags.values()),
        "categories": flags,
        "category_scores": scores,
        "category_applied_input_types": applied,
    }
