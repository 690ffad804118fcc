#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The man pages are good mdoc: no error, warning or style remark of mandoc.
if ! command -v mandoc >/dev/null; then
	echo "skipped: this machine lacks mandoc" >&2
	[ "$IGREC_TEST_STRICT" = 1 ] && exit 1
	exit 77
fi
cd "$1" || exit 1
# Whether other pages are installed is the machine's matter.
found=$(mandoc -T lint -- *.[1-8] 2>/dev/null | grep -v 'referenced manual not found')
[ -z "$found" ] && exit 0
echo "$found"
exit 1
