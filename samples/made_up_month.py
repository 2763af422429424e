"""Fill a state folder with seven weeks of a made-up review queue that end today: to try things on.

    python samples/made_up_month.py FOLDER [--posts 100] [--seed 1]

makes FOLDER/state and FOLDER/compliance.toml: some 4,000 harmless posts, 2,000 decisions of people who err,
notices, orders, appeals, measures, second readings and golden items. In the sixth week the made-up model
begins to take what is German for soup. What `tocsin review rates` and others should tell of it is known:
docs/explanation/quality.md says how often they do. Needs tocsin with its extra `service`, and about a minute.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from tocsin.service.review.month_testing.living import LASTS, Month
from tocsin.service.review.month_testing.platform import Platform

TO_TRY: Final = """\
export TOCSIN_REVIEW_COMPLIANCE={folder}/compliance.toml
tocsin review rates --by language --state {folder}/state
tocsin review agreement --state {folder}/state
tocsin review drift --state {folder}/state
tocsin review transparency --from {first} --to {last} --state {folder}/state
tocsin review statements list --state {folder}/state
tocsin serve --review --insecure-local --state {folder}/state
"""


def main(arguments: Sequence[str]) -> None:
    """Make the folder, and print what to try on it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--posts", type=float, default=100, help="posts a day on average")
    parser.add_argument("--seed", type=int, default=1)
    told = parser.parse_args(arguments)
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    told.folder.mkdir(parents=True, exist_ok=True)
    month = Month(Platform(told.posts, begins=today - LASTS), told.folder, told.seed)
    month.live()
    month.desk.close()
    first, last = (one.date().isoformat() for one in (today - LASTS, today))
    sys.stdout.write(TO_TRY.format(folder=told.folder, first=first, last=last))


if __name__ == "__main__":
    main(sys.argv[1:])
