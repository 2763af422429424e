"""Run a command and say how long it took and how much memory it held at most.

    python -S bench/throughput_child.py COMMAND ... < INPUT

A small process in between: what Linux tells of a child counts the memory of its parent, which must
then be small. The command reads what this reads; what it writes is thrown away.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time

__all__ = ["main"]


def main(command: list[str]) -> None:
    """Run the command and print what it took as one line of JSON."""
    start = time.perf_counter()
    # What runs is the bench's own.
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)  # noqa: S603
    seconds = time.perf_counter() - start
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    found = {
        "seconds": seconds,
        "processor_seconds": used.ru_utime + used.ru_stime,
        "peak_mb": used.ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10),
        "code": done.returncode,
        "last_line": done.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2][-300:],
    }
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
