"""Functional test suites: their cases, what each rule makes of them, and what others published."""

from tocsin.eval.functional.published import PERSPECTIVE, Published

__all__ = ["PERSPECTIVE", "Published"]
