#!/bin/busybox sh
# SPDX-License-Identifier: Apache-2.0
#
# First program of the virtual gateway: lays a tmpfs over the host's read-only root file system
# and starts tests/guest/stage2.sh there. switch_root and not chroot, because the kernel looks
# for regulatory.db in the root of its first process.
B=/bin/busybox
R=/new/root

$B mount -t devtmpfs dev /dev
$B mount -t proc proc /proc
$B mount -t sysfs sys /sys
while read -r module; do $B insmod "/modules/$module"; done </modules/order

$B mount -t tmpfs overlay /new
$B mkdir -p /new/lower /new/upper /new/work $R
$B mount -t 9p -o trans=virtio,version=9p2000.L,ro,msize=512000,cache=loose host /new/lower
$B mount -t overlay -o lowerdir=/new/lower,upperdir=/new/upper,workdir=/new/work root $R
# /tmp stays the host's (under the overlay): the checkout may be there.
$B mkdir -p $R/tmp $R/run $R/lib/modules
$B mount -t tmpfs -o mode=755 run $R/run
for dir in dev proc sys; do $B mount --move /$dir $R/$dir; done
$B mkdir -p $R/dev/shm $R/dev/pts $R/run/guest $R/run/out $R/run/lock
$B mount -t tmpfs -o mode=1777 shm $R/dev/shm
$B mount -t devpts -o mode=620,ptmxmode=666 pts $R/dev/pts
$B mount -t cgroup2 cgroup $R/sys/fs/cgroup
$B mount -t debugfs debug $R/sys/kernel/debug
$B mount -t securityfs security $R/sys/kernel/security
$B mount -t 9p -o trans=virtio,version=9p2000.L,rw,msize=512000,cache=none guest $R/run/guest
$B mount -t 9p -o trans=virtio,version=9p2000.L,rw,msize=512000,cache=none out $R/run/out
$B mount --bind "/new/lower$($B cat $R/run/guest/base)/kernel/lib/modules" $R/lib/modules
[ ! -d /image ] || $B cp -r /image $R/run/image
exec $B switch_root $R /bin/bash /run/guest/stage2.sh
