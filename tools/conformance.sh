#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# igrec against strace on every program of tests/conformance/programs.py, as root: installs them,
# builds the release, compares. Prints the table and leaves it in build/conformance.txt and .json.
# Options go to tests/conformance/run.py: program names, --keep DIR, -y, --at-least PERCENT,
# --docs, which also renews the table in docs/conformance.md.
set -euo pipefail
cd "$(dirname "$0")/.."

tools/setup.sh build test conformance
cmake --preset release >/dev/null
cmake --build --preset release --parallel "$(nproc)" --target igrec igrecd -- --quiet
IGREC_BIN=$PWD/build/release/bin exec python3 tests/conformance/run.py --out build "$@"
