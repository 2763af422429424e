"""A report becomes one page that a policy lead, an auditor and a sceptic can read."""

from tocsin.eval.page.render import render_page

__all__ = ["render_page"]
