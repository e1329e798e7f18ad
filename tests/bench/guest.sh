#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Samples from a kernel with kprobes: tests/bench/guest.sh ROUNDS CALLS [ROW...], as root, on that kernel.
# Rows:
#  first  from exec to the first line of scenario 3 (arguments by name, a user string, a field behind
#         a pointer) while somebody opens /bench-open 5,000 times a second; beside it bpftrace with the
#         same text and a shell with the same fetch arguments written by hand and cat trace_pipe
#  cost   a loop of 1-byte reads of /dev/zero with a probe on vfs_read that prints its count live to
#         /dev/null; beside it the bare kprobe event with nobody reading, once with the other
#         processor idle and once with it busy (a live reader costs at least that where processors are
#         threads of one core, or of one busy host), and bpftrace's printf (with a buffer that does not
#         overflow: to lose an event is cheap)
#  print  the same into a file in memory: lines per second of the tracer's processor time; bpftrace
#         gets a buffer that is large enough not to lose any, and one more run with its default
#  wild   all vfs_* by one wildcard: from exec to armed, from SIGINT to the exit, and until nothing
#         of it is left; beside it a shell that defines the same functions as one event
#  pass   what the passes of scenario 3 take here
#  hit    the same loop with modules (made before by tests/bench/modules, in $MODULES) that sum up at each
#         hit or print, beside bpftrace's @[comm] = count() and printf, and SystemTap's own modules where there are any
# The tracers of a row take turns, so that a busy machine hits them alike.
cd "$(dirname "$0")/../.." || exit 1
. tests/bench/lib.sh
rounds=$1 calls=$2
shift 2
[ $# -gt 0 ] || set -- first cost print wild pass hit

OPEN='probe kernel.function("do_sys_openat2") { printf("%d %s %x\n", $dfd, user_string($filename), $how->flags) }'
BT_OPEN='kprobe:do_sys_openat2 { printf("%d %s %x\n", arg0, str(uptr(arg1)), ((struct open_how *)arg2)->flags); }'
READ='probe kernel.function("vfs_read") { printf("%d\n", $count) }'
BT_READ='kprobe:vfs_read { printf("%d\n", arg2); }'
WILD='global n; probe kernel.function("vfs_*") { n++ }'

row_first() {
	m first.sh -O -f /bench-open -l 100 tests/bench/peer open
	m first.tapx -O -f /bench-open -l 100 -x "$LEFT" "$TAPX" -e "$OPEN"
	m first.bpftrace -O -f /bench-open -l 100 bpftrace -q -e "$BT_OPEN"
}

row_cost() {
	m cost.base -g read -n "$calls"
	m cost.bare -a vfs_read -w 200 -g read -n "$calls" tests/bench/peer read
	m cost.busy -b -a vfs_read -w 200 -g read -n "$calls" tests/bench/peer read
	m cost.tapx -a vfs_read -w 200 -g read -n "$calls" "$TAPX" -e "$READ"
	BPFTRACE_PERF_RB_PAGES=4096 m cost.bpftrace -a vfs_read -w 200 -g read -n "$calls" bpftrace -q -e "$BT_READ"
}

row_print() {
	echo "print.calls $calls"
	m print.tapx -a vfs_read -w 200 -g read -n "$calls" -l 500 -o "$tmp/out" "$TAPX" -e "$READ"
	BPFTRACE_PERF_RB_PAGES=4096 m print.bpftrace -a vfs_read -w 200 -g read -n "$calls" -l 2000 \
		-o "$tmp/out" bpftrace -q -e "$BT_READ"
	[ "$1" -gt 1 ] || m print.bpftrace_default -a vfs_read -w 200 -g read -n "$calls" -l 2000 \
		-o "$tmp/out" bpftrace -q -e "$BT_READ"
}

row_wild() {
	functions=$(sed -n 's/^\(vfs_[a-z0-9_]*\)$/\1/p' /sys/kernel/tracing/available_filter_functions | sort -u)
	echo "wild.functions $(echo "$functions" | wc -l)"
	# shellcheck disable=SC2086
	m wild.sh -F armed -w 200 -x /sys/kernel/tracing/events/bench tests/bench/peer wild $functions
	m wild.tapx -F 'Pass 5: running' -w 200 -x "$LEFT" "$TAPX" -v -e "$WILD"
	[ "$1" -gt 1 ] || m wild.bpftrace -a vfs_write -w 200 bpftrace -q -e 'kprobe:vfs_* { @n++ }'
}

# module SERIES NAME DRIVE-ARGUMENT...: the same, of a module.
module() {
	series=$1 ko=$MODULES/$2.ko
	shift 2
	case $ko in
	*stap*) [ ! -e "$ko" ] || m "$series" -a vfs_read -w 500 -g read -n "$calls" "$@" staprun -b 64 "$ko" ;;
	*) m "$series" -a vfs_read -w 200 -g read -n "$calls" "$@" "$tmp/taprun" "$ko" ;;
	esac
}

row_hit() {
	cp "$TAPX" "$tmp/taprun"
	echo "hit.calls $calls"
	m hit.base -g read -n "$calls"
	m hit.bpftrace -a vfs_read -w 200 -g read -n "$calls" bpftrace -q -e 'kprobe:vfs_read { @[comm] = count() }'
	module hit.map bench_map
	module hit.stap bench_stap_map
	module hit.scalar bench_scalar
	module hit.counter bench_counter
	module hit.shared bench_shared
	module hit.print bench_print -l 500 -o "$tmp/out"
	module hit.stap_print bench_stap_print -l 500 -o "$tmp/out"
	BPFTRACE_PERF_RB_PAGES=4096 m hit.bpftrace_print -a vfs_read -w 200 -g read -n "$calls" -l 2000 \
		-o "$tmp/out" bpftrace -q -e "$BT_READ"
}

row_pass() {
	passes pass.open -p3 -e "$OPEN"
}

# The first trace event and the first pid filter patch the scheduler's code, and the emulator may die of
# patching (Oops: int3). So they are there from now on, in an instance that records nothing.
hold=/sys/kernel/tracing/instances/bench-hold
mkdir $hold && echo 4194303 > $hold/set_event_notrace_pid && echo 1 > $hold/events/initcall/enable

# A second after the boot the kernel has measured its clock, as a machine that is in use has.
clock=/sys/devices/system/clocksource/clocksource0/current_clocksource
for i in $(rounds 30); do
	[ "$(cat $clock)" = tsc-early ] || break
	sleep 0.1
done

# Everything read once: files come from the host one page at a time.
{
	"$TAPX" -p3 -e "$OPEN"
	bpftrace -q -e 'BEGIN { exit(); }'
	tests/bench/peer none
} > /dev/null 2>&1

for row; do
	for i in $(rounds "$rounds"); do
		"row_$row" "$i"
	done
done
