"""For tests and measurements: six weeks of a made-up platform and of its reviewers; the truth is known."""

__all__: list[str] = []
