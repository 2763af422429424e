"""One scoring core, its faces, the review queue and batch audits."""
