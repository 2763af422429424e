import signal
import subprocess
import sys
import time
from pathlib import Path

from tocsin.training.fetching import State, fetch, open_web
from tocsin.training.fetching.testing import Reply, serve, serve_script, toy_corpus, toy_file

LEEK = b"leek" * 1000
PROGRAM = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs are deaf to it
from tocsin.training import dataset
from tocsin.training.fetching.testing import toy_corpus, toy_file
dataset.CORPORA = {"soups": toy_corpus(toy_file("leek.csv", b"leek" * 1000, sys.argv.pop()))}
from tocsin.cli import main
main()
"""


def test_ctrl_c_leaves_what_has_arrived_for_the_next_run(tmp_path: Path) -> None:
    part = tmp_path / "soups" / "leek.csv.part"
    half = Reply(body=LEEK[:2000], announce=4000, hangs=True)
    with serve_script() as server:
        url = server.script("/leek", half, serve(LEEK))
        command = [sys.executable, "-c", PROGRAM, "data", "fetch", "--data", str(tmp_path), url]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            patience = time.monotonic() + 60
            while not (part.exists() and part.stat().st_size == 2000) and time.monotonic() < patience:
                time.sleep(0.01)
            process.send_signal(signal.SIGINT)
            try:
                out, err = process.communicate(timeout=60)
            finally:
                process.kill()  # where it heard nothing
        with open_web() as web:
            (again,) = fetch([toy_corpus(toy_file("leek.csv", LEEK, url))], tmp_path, web)

    assert (process.returncode, out) == (130, "")
    assert err.endswith("tocsin: interrupted; 0 files are in place, the next run goes on from here\n")
    assert again.state is State.FETCHED
    assert [asked.range for asked in server.asked] == [None, "bytes=2000-"]
    assert (tmp_path / "soups" / "leek.csv").read_bytes() == LEEK
    assert not part.exists()
