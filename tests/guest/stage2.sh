#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Inside the virtual gateway: load what tests/guest/run asked for, run the command, power off.
# /run/guest is the folder of this one run on the host: settings, environment, command, status.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/run/home TERM=dumb
. /run/guest/settings

finish() {
	echo "$1" >/run/guest/status
	sync
	# isa-debug-exit: QEMU ends with (3 << 1) | 1 = 7, so that a panic looks different
	printf '\003' | dd of=/dev/port bs=1 seek=244 status=none
	sleep 9
}

fail() {
	echo "the virtual gateway: $*" >/dev/console
	finish 125
}

mkdir -m 700 $HOME
ln -s /proc/self/fd /dev/fd
for i in 0:stdin 1:stdout 2:stderr; do ln -s "/proc/self/fd/${i%:*}" "/dev/${i#*:}"; done
hostname gateway
# names of the host's network are of no use here, and asking for them takes ten seconds to fail
rm -f /etc/resolv.conf /etc/hosts
echo "nameserver 127.0.0.1" >/etc/resolv.conf
printf '127.0.0.1 localhost gateway\n::1 localhost gateway\n' >/etc/hosts
ip link set lo up
modprobe virtio_console || fail "no virtio_console"
for name in stdout stderr; do
	for _ in {1..100}; do
		for port in /sys/class/virtio-ports/*; do
			[ "$(cat "$port/name" 2>/dev/null)" = "$name" ] && declare "$name=/dev/${port##*/}"
		done
		[ -c "${!name}" ] && break
		sleep 0.02
	done
	[ -c "${!name}" ] || fail "no port for $name"
done
# A virtio port has one opener at a time, but "/dev/stderr" must work in tests: hence pipes.
mkfifo /run/guest.stdout /run/guest.stderr
cat /run/guest.stdout >"$stdout" & pumps=$!
cat /run/guest.stderr >"$stderr" & pumps="$pumps $!"
exec 3>/run/guest.stdout 4>/run/guest.stderr

for name in $SHARES; do
	mkdir -p "/run/share/$name"
	mount -t 9p -o trans=virtio,version=9p2000.L,rw,msize=512000,cache=none "share-$name" \
		"/run/share/$name" || fail "no share $name"
done
if [ "$RADIOS" -gt 0 ]; then
	modprobe mac80211_hwsim radios="$RADIOS" || fail "no mac80211_hwsim"
	iw reg set "$COUNTRY"
fi
if [ "$FLASH" = disk ]; then
	modprobe virtio_blk || fail "no virtio_blk"
	modprobe mtdblock 2>/dev/null
	modprobe block2mtd block2mtd=/dev/vda,"$ERASE_SIZE" || fail "no block2mtd"
elif [ "$FLASH" = nandsim ]; then
	# 256 MiB, 128 KiB blocks, 2048 + 64 byte pages
	# shellcheck disable=SC2086
	modprobe nandsim id_bytes=0x20,0xaa,0x00,0x15 $NANDSIM || fail "no nandsim"
fi
if [ "$NETWORK" = yes ]; then
	modprobe virtio_net || fail "no virtio_net"
	for _ in {1..100}; do [ -e /sys/class/net/eth0 ] && break; sleep 0.02; done
	ip addr add 10.0.2.15/24 dev eth0 && ip link set eth0 up && ip route add default via 10.0.2.2 ||
		fail "no eth0"
fi

cd "$CHECKOUT" || fail "no $CHECKOUT in the guest"
export GCOV_PREFIX=/run/out/gcov
set -a
. /run/guest/environment
set +a
if [ "$SHELL_WANTED" = yes ]; then
	TERM=vt100 setsid -c bash -i </dev/ttyS0 >/dev/ttyS0 2>&1
	finish $?
fi
mapfile -d '' -t command </run/guest/command
setsid "${command[@]}" >&3 2>&4 3>&- 4>&- </dev/null
status=$?
exec 3>&- 4>&-
# What the command left running may hold the pipes open: no waiting for ever.
for _ in {1..50}; do
	# shellcheck disable=SC2086
	kill -0 $pumps 2>/dev/null || break
	sleep 0.02
done
finish $status
