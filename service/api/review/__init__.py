"""The review face: the platform hands items in, reviewers claim and decide them."""

from tocsin.service.api.review.face import ReviewFace

__all__ = ["ReviewFace"]
