#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What igrec costs on this machine, as root: installs what is needed, builds the release, measures,
# prints a row for each figure and leaves them in build/bench.txt and bench.json. Takes some ten
# minutes; run it on an otherwise idle machine, with no igrecd.
#   --only ROW...   these rows, or those of a theme; --list names them
#   --quick         fewer rounds
#   --docs          renews docs/overhead.md, too
set -euo pipefail
cd "$(dirname "$0")/.."

tools/setup.sh build bench
cmake --preset release >/dev/null
cmake --build --preset release --parallel "$(nproc)" -- --quiet
export IGREC_BIN=$PWD/build/release/bin

# Even if the run is killed, what it started in its cgroups ends.
python3 tests/bench/bench.py "$@" &
run=$!
trap 'kill $run 2>/dev/null || true; wait $run 2>/dev/null || true
	python3 tests/bench/bench.py --clean' EXIT
wait $run
