#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# From nothing to a replayed crash: installs what is needed, builds, starts the recorder at its
# default paths, crashes a container in runc, and shows its dump. Run as root; can be run again.
set -euo pipefail
cd "$(dirname "$0")/.."

bin=$PWD/build/release/bin
log=/var/log/igrecd.log
name=crash-app

[ $# -eq 0 ] || {
	echo "usage: tools/demo.sh (as root, no arguments)" >&2
	exit 2
}

fail() {
	echo "demo.sh: $*" >&2
	exit 1
}

say() {
	printf '\n== %s\n' "$*"
}

show() {
	printf '\n$ igrec %s\n' "$*"
	"$bin/igrec" "$@"
}

build() {
	say "building (build/release)"
	tools/setup.sh build demo
	cmake --preset release >/dev/null
	cmake --build --preset release -- --quiet
}

mount_bpffs() {
	[ "$(stat -f -c %T /sys/fs/bpf 2>/dev/null)" = bpf_fs ] ||
		mount -t bpf bpf /sys/fs/bpf ||
		fail "no bpffs at /sys/fs/bpf, and it could not be mounted"
}

start_recorder() {
	local status=0
	"$bin/igrec" ps >/dev/null 2>&1 || status=$?
	if [ $status -eq 0 ] || [ $status -eq 3 ]; then
		say "the recorder runs already"
		recorder=$(pidof -s igrecd)
		return
	fi
	say "starting the recorder, its log is $log"
	: >"$log"
	setsid "$bin/igrecd" >>"$log" 2>&1 </dev/null &
	recorder=$!
	for _ in $(seq 100); do
		! grep -q ready "$log" || return 0
		kill -0 "$recorder" 2>/dev/null || fail "igrecd ended: $(tail -n 1 "$log")"
		sleep 0.1
	done
	fail "igrecd is not ready after 10 s, see $log"
}

# A root directory with busybox, be it static or not, and the application.
make_bundle() {
	local bundle=$1 root=$1/rootfs applet library
	mkdir -p "$root"/{bin,app,proc,sys,dev}
	cp "$(command -v busybox)" "$root/bin/busybox"
	for library in $(ldd "$root/bin/busybox" 2>/dev/null | grep -o '/[^ ]*' || true); do
		cp -L --parents "$library" "$root"
	done
	for applet in sh cat; do
		ln -s busybox "$root/bin/$applet"
	done
	cat >"$root/app/start" <<-'APP'
		#!/bin/sh
		echo "crash-app 1.0 starting"
		config=$(cat /etc/crash-app/config.yaml 2>/dev/null) || exit 1
		echo "serving $config"
	APP
	chmod 755 "$root/app/start"
	(cd "$bundle" && runc spec)
	python3 - "$bundle/config.json" <<-'EDIT'
		import json, sys
		with open(sys.argv[1]) as f:
		    spec = json.load(f)
		spec["process"].update(terminal=False, args=["/app/start"])
		# Raising a limit takes a capability that root in a container or a VM may lack.
		spec["process"].pop("rlimits", None)
		with open(sys.argv[1], "w") as f:
		    json.dump(spec, f)
	EDIT
}

dumps() {
	"$bin/igrec" list --json 2>/dev/null | grep -c "\"container\":\"$name\"" || true
}

crash() {
	local bundle status=0 before
	bundle=$(mktemp -d)
	before=$(dumps)
	make_bundle "$bundle"
	runc delete --force "$name" >/dev/null 2>&1 || true
	say "crashing a container: runc run $name"
	runc run --bundle "$bundle" "$name" </dev/null || status=$?
	echo "(the container exited with status $status; this is all it had to say)"
	rm -rf "$bundle"
	for _ in $(seq 50); do
		[ "$(dumps)" -le "$before" ] || return 0
		sleep 0.1
	done
	fail "no dump of $name came, see $log"
}

[ "$(id -u)" -eq 0 ] || fail "run as root: recording containers needs it"
build
mount_bpffs
start_recorder
crash
show list
show explain "$name"
show replay "$name"

cat <<END

The recorder goes on: whatever container fails now leaves a dump in /var/lib/igrec.
  look:            $bin/igrec list
  stop igrecd:     kill $recorder
  stop recording:  $bin/igrecd --unload
END
