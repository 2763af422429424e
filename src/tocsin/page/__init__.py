"""Pages that need nothing else: no network, no script, one file. Evaluations and audits are told on them.

Its modules need Jinja and Matplotlib, which extras bring: whoever writes a page loads them then.
"""

__all__: list[str] = []
