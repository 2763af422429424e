#!/usr/bin/env bash
# Build a wheel from a copy of this tree, install it alone in a clean environment, and score with it.
set -euo pipefail
python=$1
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

mkdir "$scratch/source"
(cd "$root" && cp -R src models training eval service pyproject.toml README.md LICENSE "$scratch/source")
"$python" -m pip wheel --quiet --disable-pip-version-check --no-deps --wheel-dir "$scratch/dist" "$scratch/source"
"$python" -m venv "$scratch/venv"
"$scratch/venv/bin/pip" install --quiet --disable-pip-version-check --constraint "$root/constraints.txt" "$scratch"/dist/*.whl

cd "$scratch" # nothing of the checkout may be in reach
for heavy in torch transformers onnx sklearn scipy cleanlab datasets datasketch fairlearn matplotlib rapidfuzz pyarrow pandas; do
  if venv/bin/python -c "import $heavy" 2>/dev/null; then
    echo "the base install must not bring $heavy" >&2
    exit 1
  fi
done
posts=$(wc -l <"$root/samples/queue.jsonl")
venv/bin/tocsin scan "$root/samples/queue.jsonl" --json --quiet >scores.jsonl
rows=$(wc -l <scores.jsonl)
if [ "$rows" -ne "$posts" ]; then
  echo "the wheel must assess all $posts posts, assessed $rows" >&2
  exit 1
fi
venv/bin/tocsin scan "$root/samples/queue.jsonl" --parquet out.parquet 2>error.txt && exit 1
grep -q "pip install 'tocsin\[audit\]'" error.txt
venv/bin/tocsin scan "$root/samples/queue.jsonl" --tier encoder --json --quiet >encoded.jsonl
grep -q '"tier": *"encoder"' encoded.jsonl
echo "wheel: $rows posts assessed in a clean environment"
