"""Sampled posts for tests: a sample of recipes in the queue, and what is said of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tocsin.service.review.contract_testing import recipe
from tocsin.service.review.desk import Desk
from tocsin.service.review.intake.sampling import Sample, SampledPost, put_sample
from tocsin.service.review.log import OPERATOR

__all__ = ["SAMPLE", "sample_of", "sampled_post", "sampled_posts"]

_POLICIES: Final = ("hate", "incitement")


def sample_of(design: str, audit: str = "a", policies: Sequence[str] = _POLICIES) -> Sample:
    """Return a sample whose digests are these letters."""
    return Sample(f"sha256:{design * 64}", f"sha256:{audit * 64}", policies)


SAMPLE: Final = sample_of("d")


def sampled_post(number: int, text: str | None = None, own_id: str | None = None) -> SampledPost:
    """Return a post that stands at a place of one file, a harmless recipe unless a text is given."""
    said = recipe(number) if text is None else text
    return SampledPost(0, number, 0.25, own_id or f"post-{number}", said)


def sampled_posts(desk: Desk, *numbers: int, sample: Sample = SAMPLE) -> int:
    """Put posts of a sample into the queue; return how many were new."""
    return desk.write(put_sample, sample, [sampled_post(one) for one in numbers], OPERATOR)
