#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# All tests: installs what they need, builds dev, release and fuzz, fuzzes for a while, runs ctest.
# Stops at the first thing that fails, with its status. As root: containers are recorded for real.
#   FUZZ_SECONDS          for each fuzz target, 10 unless set
#   IGREC_TEST_STRICT=1   a test that cannot run here fails instead of being skipped
set -euo pipefail
cd "$(dirname "$0")/.."

jobs=$(nproc)

step() {
	echo
	echo "== $*"
}

# build PRESET [TARGET]
build() {
	step "build $1"
	cmake --preset "$1" >/dev/null
	cmake --build --preset "$1" --parallel "$jobs" --target "${2:-all}" -- --quiet
}

tools/setup.sh build test
build dev
build release
build fuzz tests/fuzz/all
step "fuzz"
ctest --test-dir build/fuzz --label-regex fuzz --parallel "$jobs" --output-on-failure
for preset in dev release; do
	step "ctest $preset"
	ctest --preset "$preset"
done
