"""Samples in the review queue: what `tocsin audit` puts there, reads back, and takes out again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tocsin.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tocsin.service.audit import AuditLayout, Manifest
    from tocsin.service.audit.sampling import Sampled, SampledRow
    from tocsin.service.review.desk import Desk
    from tocsin.service.review.intake.sampling import Sample, SampledPost

__all__ = ["put_to_review", "withdraw", "write_labels"]

_AT_A_TIME: Final = 200


def put_to_review(desk: Desk, manifest: Manifest, sampled: Sampled) -> dict[str, int]:
    """Put a sample into the queue, its texts read again, and withdraw earlier ones of the same audit.

    Returns how many posts are `new`, `known`, and `withdrawn`.
    """
    from tocsin.service.audit.sampling import texts_of
    from tocsin.service.audit.sampling.copies import lines_of
    from tocsin.service.review.intake.sampling import put_sample
    from tocsin.service.review.log import OPERATOR

    sample = _sample(manifest, sampled)
    lines = [row for row, _ in lines_of(sampled)]
    texts = texts_of(manifest, lines)
    withdrawn = withdraw(desk, sample.audit, but=sample.design)
    new = 0
    posts = list(_posts(manifest, lines, texts))
    for first in range(0, len(posts), _AT_A_TIME):
        new += desk.write(put_sample, sample, posts[first : first + _AT_A_TIME], OPERATOR)
    return {"new": new, "known": len(lines) - new, "withdrawn": withdrawn}


def withdraw(desk: Desk, audit: str, *, but: str | None = None) -> int:
    """Erase the posts of an audit's samples from the queue; return how many. What was decided stays."""
    from tocsin.service.review.intake.sampling import withdraw_samples
    from tocsin.service.review.log import OPERATOR

    count = 0
    while done := desk.write(withdraw_samples, audit, OPERATOR, but=but, most=_AT_A_TIME):
        count += done
    return count


def write_labels(desk: Desk, layout: AuditLayout, manifest: Manifest) -> None:
    """Write what was decided of an audit's sample into its folder; raise InputError where it is not there."""
    from tocsin.service.audit.sampling import design_digest, read_sample, write_answers
    from tocsin.service.review.records.labels import sample_labels

    sampled = read_sample(layout, manifest)
    found = desk.read(sample_labels, design_digest(sampled.design))
    if found is None:
        raise InputError(
            f"{layout.sample_design}: its sample must be in the review queue, is not:"
            f" 'tocsin audit sample {layout.root} --to-review' puts it there"
        )
    answers = {(one.source, one.place): one.answers for one in found}
    write_answers(layout.labels, sampled, manifest.policy.names, answers)


def _sample(manifest: Manifest, sampled: Sampled) -> Sample:
    from tocsin.service.audit.sampling import design_digest
    from tocsin.service.review.intake.sampling import Sample

    return Sample(design_digest(sampled.design), sampled.design.audit, manifest.policy.names)


def _posts(
    manifest: Manifest, rows: Sequence[SampledRow], texts: Mapping[tuple[int, int], str]
) -> Iterator[SampledPost]:
    from tocsin.service.review.intake.sampling import SampledPost

    for row in rows:
        own_id = None if _is_number(manifest, row) else row.id
        text = texts[row.source, row.place]
        yield SampledPost(row.source, row.place, row.probability, own_id, text)


def _is_number(manifest: Manifest, row: SampledRow) -> bool:
    """Say whether an id stands for none: where no column held any, rows are known by their numbers."""
    numbers = {str(row.place), f"{manifest.inputs[row.source].name}:{row.place}"}
    return manifest.columns.id is None and row.id in numbers
