"""The command line."""

from tocsin.cli.app import main

__all__ = ["main"]
