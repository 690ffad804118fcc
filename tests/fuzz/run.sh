#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs a fuzz target for FUZZ_SECONDS (default 25) from fresh seeds.  It takes the same way each time,
# so that what a test finds is what changed; FUZZ_SEED=0 takes a new one, any other number its own.
# usage: run.sh NAME TARGET SEEDS_PROGRAM GOLDEN_DIRECTORY
# What it finds stays in the working directory as crash-*, timeout-* or leak-*.
set -eu

name=$1 target=$2 seeds=$3 golden=$4
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

mkdir "$work/seeds" "$work/corpus"
"$seeds" "$name" "$work/seeds"
if [ "$name" = dump ]; then
	find "$golden" -name '*.igrec' -exec cp {} "$work/seeds/" \;
fi
# Rendering takes time by the byte; a few blocks hold every kind of record.
case $name in
replay) most=16384 ;;
*) most=131072 ;;
esac
TMPDIR=$work "$target" -seed="${FUZZ_SEED:-1}" -max_total_time="${FUZZ_SECONDS:-25}" -max_len=$most -timeout=120 \
	-rss_limit_mb=2048 -print_final_stats=1 "$work/corpus" "$work/seeds"
