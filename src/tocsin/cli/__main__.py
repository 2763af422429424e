"""Run the command line as ``python -m tocsin.cli``."""

from tocsin.cli.app import main

__all__: list[str] = []

if __name__ == "__main__":
    main()
