#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Prints a directory whose node_modules is what DIR/package-lock.json says, filled by npm if it is
# not there yet. Kept in $IGREC_CACHE, ~/.cache/igrec unless set. No script of a package is run.
# usage: tools/npm.sh DIR
set -euo pipefail
[ $# -eq 1 ] || {
	echo "usage: tools/npm.sh DIR" >&2
	exit 2
}
cache=${IGREC_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/igrec}/npm
kept=$cache/$(cat "$1/package.json" "$1/package-lock.json" | sha256sum | head -c 12)

if [ ! -d "$kept" ]; then
	mkdir -p "$cache"
	fresh=$(mktemp -d "$cache/new-XXXXXX")
	trap 'rm -rf "$fresh"' EXIT
	cp "$1/package.json" "$1/package-lock.json" "$fresh"
	# A registry that does not answer at once is asked again.
	(cd "$fresh" && npm ci --ignore-scripts --no-audit --no-fund --fetch-retries=5 >&2)
	chmod 755 "$fresh"
	# Another run may have been quicker; then its directory is as good.
	mv -T "$fresh" "$kept" 2>/dev/null || [ -d "$kept" ]
fi
echo "$kept"
