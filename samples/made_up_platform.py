"""Make up a platform whose truth is known: harmless posts, some of which call people to do something.

    python samples/made_up_platform.py make FOLDER [--posts 20000] [--share 0.03] [--seed 1]
    python samples/made_up_platform.py label SAMPLE.csv FOLDER
    python samples/made_up_platform.py truth FOLDER

`make` writes FOLDER/posts.jsonl, and FOLDER/truth.csv with what each post is. `label` fills in a sample as
somebody would who never errs. `truth` says how much there is. docs/audit-tutorial.md goes with it.
Nothing but Python is needed.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

BEGINS: Final = datetime(2031, 5, 1, tzinfo=UTC)
DAYS: Final = 28
COUNTRIES: Final = {"Zorbia": 0.6, "Quell": 0.3, "Uberwald": 0.1}
TWICE: Final = "Quell"  # posts there call twice as often as elsewhere
LABEL: Final = "label_calls"
COPIED: Final = "The lantern walk needs you: come to Pier 4 on Saturday at eight, and bring a lantern"
ENDINGS: Final = ("", "!", ". Pass it on", ", see you there", " and a friend")
COPIES: Final = 0.01
COPIED_FROM, COPIED_FOR = 10, 4  # days

CALLS: Final = (
    "{who}, come to {place} on {day}: {deed} together",
    "Join {group}, we need you more than ever. Write to us today",
    "Sign up to {deed} on {day}, and tell your neighbours",
    "Share this: {group} meets at {place} on {day}, everybody is needed",
    "Stand with {group}. {day}, {place}, be there",
    "Bring what you can to {place} before {day}, {group} does the rest",
    "Who helps to {deed}? {day} at {place}, no skill needed",
    "Support {group}: give an hour on {day}",
)
PLAIN: Final = (
    "The {dish} at {place} was {how}",
    "I joined {group} last year and it is {how}",
    "{group} met at {place} on {day}, they say it was {how}",
    "My {dish} came out {how}, no idea why",
    "Rain on {day}, so I stayed in and made {dish}",
    "Does anybody know when {place} opens on {day}?",
    "Zorbia against Quell ended {goals}, the second half was {how}",
    "The last train from {place} was late again",
    "{group} wants to {deed}, the council has not answered",
    "Third episode of the lighthouse series: {how}",
    "Found a recipe for {dish} in my grandmother's book",
    "Is {dish} better on the day after? Asking for a friend",
)
WORDS: Final[Mapping[str, Sequence[str]]] = {
    "who": ("Neighbours", "Friends", "Everybody", "Zorbians", "Students", "Night owls"),
    "place": ("Pier 4", "the old mill", "Marl Street", "the town hall", "the harbour", "the school yard"),
    "day": ("Friday", "Saturday", "Sunday", "Monday", "the first of June", "market day"),
    "deed": ("plant trees", "paint the fence", "clean the beach", "carry books", "bake for the fair"),
    "group": ("the choir", "the food bank", "the rowing club", "the tree wardens", "the chess circle"),
    "dish": ("soup", "bread", "apple cake", "pea stew", "plum jam", "fish pie"),
    "how": ("lovely", "too salty", "better than ever", "a let-down", "slow but good", "hard to describe"),
    "goals": ("3:1", "2:2", "0:4", "1:0"),
}


def main(arguments: Sequence[str]) -> None:
    """Do what was asked."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(required=True)
    making = commands.add_parser("make", help="write posts and their truth")
    making.add_argument("folder", type=Path)
    making.add_argument("--posts", type=int, default=20_000)
    making.add_argument(
        "--share", type=float, default=0.03, help="posts that call for something, copies aside"
    )
    making.add_argument("--seed", type=int, default=1)
    making.set_defaults(do=lambda told: make(told.folder, told.posts, told.share, told.seed))
    labelling = commands.add_parser("label", help="fill in a sample by the truth")
    labelling.add_argument("sample", type=Path)
    labelling.add_argument("folder", type=Path)
    labelling.set_defaults(do=lambda told: label(told.sample, told.folder))
    telling = commands.add_parser("truth", help="say how much there is")
    telling.add_argument("folder", type=Path)
    telling.set_defaults(do=lambda told: sys.stdout.write(truth(told.folder)))
    told = parser.parse_args(arguments)
    told.do(told)


def make(folder: Path, posts: int, share: float, seed: int) -> None:
    """Write so many posts, and which of them call for something."""
    folder.mkdir(parents=True, exist_ok=True)
    draw = random.Random(seed)  # noqa: S311 - a made-up platform, no secret
    with (
        (folder / "posts.jsonl").open("w", encoding="utf-8") as written,
        (folder / "truth.csv").open("w", encoding="utf-8", newline="") as known,
    ):
        answers = csv.writer(known)
        answers.writerow(("id", "country", LABEL))
        for post, calls in _posts(posts, share, draw):
            written.write(json.dumps(post) + "\n")
            answers.writerow((post["id"], post["country"], "yes" if calls else "no"))


def label(sample: Path, folder: Path) -> None:
    """Fill in a sample as `tocsin audit sample` wrote it."""
    answers = {row["id"]: row[LABEL] for row in _truth(folder)}
    with sample.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    for row in rows:
        row[LABEL] = answers[row["id"]]
    with sample.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)


def truth(folder: Path) -> str:
    """Return how much there is, overall and by country."""
    posts, calls = Counter[str](), Counter[str]()
    for row in _truth(folder):
        for part in ("all posts", row["country"]):
            posts[part] += 1
            calls[part] += row[LABEL] == "yes"
    return "".join(
        f"{part}: {calls[part]:,} of {rows:,}, {calls[part] / rows:.2%}\n" for part, rows in posts.items()
    )


def _truth(folder: Path) -> Iterator[dict[str, str]]:
    with (folder / "truth.csv").open(encoding="utf-8", newline="") as stream:
        yield from csv.DictReader(stream)


def _posts(count: int, share: float, draw: random.Random) -> Iterator[tuple[dict[str, Any], bool]]:
    usual = share / (1 + COUNTRIES[TWICE])
    for number in range(count):
        country = draw.choices(list(COUNTRIES), list(COUNTRIES.values()))[0]
        copied = draw.random() < COPIES
        calls = copied or draw.random() < usual * (1 + (country == TWICE))
        day = COPIED_FROM + COPIED_FOR * draw.random() if copied else DAYS * draw.random()
        post = {
            "id": f"post-{number:06}",
            "text": COPIED + draw.choice(ENDINGS) if copied else _text(calls, draw),
            "country": country,
            "posted": (BEGINS + timedelta(days=day)).isoformat(timespec="seconds"),
            "views": round(draw.lognormvariate(4, 1)),
        }
        yield post, calls


def _text(calls: bool, draw: random.Random) -> str:
    """Return three sentences, so that few posts are alike by chance; one of them calls, if any does."""
    pools = [CALLS if calls else PLAIN, PLAIN, PLAIN]
    draw.shuffle(pools)
    return ". ".join(_sentence(draw.choice(pool), draw) for pool in pools)


def _sentence(template: str, draw: random.Random) -> str:
    said = template.format(**{name: draw.choice(words) for name, words in WORDS.items()})
    return said[0].upper() + said[1:]


if __name__ == "__main__":
    main(sys.argv[1:])
