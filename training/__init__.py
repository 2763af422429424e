"""Labelled corpora become a bundle."""
