#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# PID 1 of the virtual machine: starts igrecd, lets the containers of /bundles fail, and says on the
# console what came of it. kernels_test.py reads that: each part between "@@begin PART" and
# "@@end PART STATUS".
export PATH=/bin

# The initramfs is no mount that pivot_root could leave, and runc needs one.
if [ ! -e /.moved ]; then
	mkdir /moved
	mount -t tmpfs -o size=700m tmpfs /moved
	for entry in /*; do
		[ "$entry" = /moved ] || [ "$entry" = /dev ] || cp -a "$entry" /moved
	done
	: >/moved/.moved
	mkdir -p /moved/dev
	cd /moved
	exec switch_root /moved /init
fi

mkdir -p /proc /sys /dev /run /tmp /var/lib
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
ln -s /proc/self/fd /dev/fd # runc executes a descriptor, which TOMOYO of 5.10 looks up there
mount -t cgroup2 none /sys/fs/cgroup
mount -t bpf bpf /sys/fs/bpf
mount -t tracefs tracefs /sys/kernel/tracing
mount -t tmpfs tmpfs /run
exec </dev/null >/dev/console 2>&1
stty -opost 2>/dev/null
dmesg -n 1
ip link set lo up

part() {
	name=$1
	shift
	echo "@@begin $name"
	"$@"
	status=$?
	echo
	echo "@@end $name $status"
}

# start OPTION...
start() {
	igrecd "$@" 2>/tmp/igrecd.log &
	recorder=$!
	for _ in $(seq 1200); do
		! grep -q 'igrecd: ready' /tmp/igrecd.log || return 0
		kill -0 $recorder 2>/dev/null || break
		sleep 0.1
	done
	cat /tmp/igrecd.log
	[ ! -e /var/lib/igrec/verifier.log ] || tail -c 20000 /var/lib/igrec/verifier.log
	return 1
}

# dumps COUNT: waits for so many.
dumps() {
	for _ in $(seq 1200); do
		[ "$(igrec list --json | wc -l)" -lt "$1" ] || break
		sleep 0.1
	done
	igrec list --json
}

killed() {
	kill -9 $recorder
	! wait $recorder
}

stop() {
	kill $recorder
	wait $recorder || return
	igrecd --unload || return
	! ls /sys/fs/bpf | grep -v debug
}

oom_kills() {
	runc run --detach --bundle /bundles/oom oom >/dev/null
	for _ in $(seq 1200); do
		[ "$(runc state oom | grep -c '"stopped"')" = 0 ] || break
		sleep 0.1
	done
	cat /sys/fs/cgroup/oom/memory.events
	runc delete --force oom
}

part release uname -r
part mark-victim cat /sys/kernel/tracing/events/oom/mark_victim/format
# Another use of the machine: tests/golden/arm64/.
if [ -e /extra.sh ]; then
	. /extra.sh
	poweroff -f
fi
part start start
if [ "$status" = 0 ]; then
	for name in exit segv; do
		part "run-$name" runc run --bundle "/bundles/$name" "$name"
	done
	part run-oom oom_kills
	part failures dumps 3
	part doctor igrec doctor
	part ps igrec ps --json
	part log cat /tmp/igrecd.log
	part kill killed
	part run-late runc run --bundle /bundles/late late
	part start-again start
	part list dumps 4
	part store sh -c 'cd /var/lib/igrec && tar cz *.igrec | base64'
	part stop stop
else
	part log cat /tmp/igrecd.log
fi
poweroff -f
