# SPDX-License-Identifier: Apache-2.0
# Sourced by tests/kernels/guest_init.sh in the virtual machine: records the programs of this folder
# while strace traces them, and says on the console what both have. record.py reads that.

cat >/tmp/igrec.conf <<'CONF'
[ring]
size = 2MiB
start-percent = 5
vital-percent = 40
[payload]
policy = all
bytes = 64
CONF
cp -a /lib /lib64 /bin /rootfs/
mkdir -p /rootfs/run/golden /sys/fs/cgroup/beside

part start start --config /tmp/igrec.conf
if [ "$status" = 0 ]; then
	part run runc run --bundle /bundles/golden golden
	part failures dumps 1
	part dump sh -c 'base64 /var/lib/igrec/*.igrec'
	part strace sh -c 'gzip -c /rootfs/run/golden/strace | base64'
	part output cat /rootfs/run/golden/output
	part stop stop
fi
part log cat /tmp/igrecd.log
