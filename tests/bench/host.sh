#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Samples from the machine itself, whose kernel needs tracepoints only: tests/bench/host.sh ROUNDS CALLS
# [ROW...], as root. Rows:
#  trace  a getppid loop with a probe on raw_syscalls:sys_enter that prints for this call alone, live to
#         /dev/null: added time per call; beside it bpftrace's printf with the same filter (and a
#         buffer that does not overflow: to lose an event is cheap)
#  print  the same into a file in memory: lines per second of the tracer's processor time
#  lost   a million getppid a second (paced) for some seconds: what is lost
#  drain  tapx is stopped while CALLS * 4 calls are recorded, then let go on and ended: processor time of
#         working them off; and the reader alone (ring_bench)
#  first  from exec to the first printed system call while somebody opens /bench-open 5,000 times a
#         second; beside it bpftrace, and a shell that enables the event and cats trace_pipe
#  hello  wall time of a begin probe that says hello and exits, from exec to the exit
#  pass   parsing and elaborating a one-line script and one of 1,000 lines, as -v reports them
#  eval   processor time per handler over records in memory (eval_bench), beside that of mawk and gawk
#         per line over the same as text (which they must take apart)
cd "$(dirname "$0")/../.." || exit 1
. tests/bench/lib.sh
rounds=$1 calls=$2
shift 2
[ $# -gt 0 ] || set -- hello pass first trace print lost drain eval

TRACE='probe kernel.trace("raw_syscalls:sys_enter") { if ($id == 110) printf("%d\n", $id) }'
BT_TRACE='tracepoint:raw_syscalls:sys_enter /args->id == 110/ { printf("%d\n", args->id); }'
COUNT='global n; probe kernel.trace("raw_syscalls:sys_enter") { if ($id == 110) n[execname()]++ }'
FOUR='probe kernel.trace("raw_syscalls:sys_enter") { if ($id == 110) printf("%s %d %d %d\n", execname(), pid(), tid(), $id) }'
NOTHING='global n; probe kernel.trace("raw_syscalls:sys_enter") { if ($id == 110) n++ }'

row_hello() {
	m hello.tapx -R 10 "$TAPX" -e 'probe begin { println("hello") exit() }'
	m hello.bpftrace -R 2 bpftrace -q -e 'BEGIN { printf("hello\n"); exit(); }'
}

# A script of 1,000 lines: 100 functions of 7 lines, 100 probes of 3.
long_script() {
	awk 'BEGIN {
		for (i = 0; i < 100; i++) {
			printf "global count%d, seen%d\n", i, i
			printf "function work%d(a, b) {\n\tif (a > %d)\n\t\treturn a + b * %d\n", i, i, i
			printf "\tcount%d[a, \"x\" . sprint(b)]++\n\treturn strlen(sprintf(\"%%d %%s\", a, execname()))\n}\n", i
			printf "probe timer.ms(%d) {\n\tseen%d <<< work%d(seen_max, pid())\n}\n", i + 100, i, i
		}
		print "global seen_max = 3"
	}'
}

row_pass() {
	long_script > "$tmp/long.stp"
	passes pass.one -p2 -e "$TRACE"
	passes pass.long -p2 "$tmp/long.stp"
}

row_first() {
	m hfirst.sh -O -f 'NR 257 ' -l 50 tests/bench/peer show 257
	m hfirst.tapx -O -f 'NR 257 ' -l 50 -x "$LEFT" "$TAPX" \
		-e 'probe kernel.trace("raw_syscalls:sys_enter") { if ($id == 257) printf("NR %d \n", $id) }'
	m hfirst.bpftrace -O -f 'NR 257 ' -l 50 bpftrace -q \
		-e 'tracepoint:raw_syscalls:sys_enter /args->id == 257/ { printf("NR %d \n", args->id); }'
}

row_trace() {
	m trace.base -g getppid -n "$calls"
	m trace.bare -w 200 -g getppid -n "$calls" tests/bench/peer enter 110
	m trace.tapx -F 'Pass 5: running' -w 100 -g getppid -n "$calls" "$TAPX" -v -e "$TRACE"
	BPFTRACE_PERF_RB_PAGES=4096 m trace.bpftrace -w 1500 -g getppid -n $((calls / 5)) bpftrace -q -e "$BT_TRACE"
}

row_print() {
	echo "hprint.calls $calls"
	echo "hprint.bpcalls $((calls / 5))"
	m hprint.tapx -F 'Pass 5: running' -w 100 -g getppid -n "$calls" -l 200 -o "$tmp/out" \
		"$TAPX" -v -e "$TRACE"
	BPFTRACE_PERF_RB_PAGES=4096 m hprint.bpftrace -w 1500 -g getppid -n $((calls / 5)) -l 500 \
		-o "$tmp/out" bpftrace -q -e "$BT_TRACE"
}

row_lost() {
	m lost.tapx -F 'Pass 5: running' -w 100 -g getppid -n $((calls * 4)) -r 1000000 -l 300 \
		-o "$tmp/out" "$TAPX" -v -e "$TRACE"
	echo "lost.calls $((calls * 4))"
}

row_drain() {
	n=$((calls * 4))
	echo "drain.calls $n"
	for s in count four nothing; do
		case $s in
		count)	script=$COUNT ;;
		four)	script=$FOUR ;;
		nothing) script=$NOTHING ;;
		esac
		m "drain.$s" -F 'Pass 5: running' -w 300 -g getppid -n "$n" -d "$TAPX" -v -s 200 -e "$script"
	done
	[ ! -x $BENCH/ring_bench ] || $BENCH/ring_bench "$n" | sed 's/^/ring./'
}

# What eval_bench feeds its handlers, as text: execname, pid, two numbers, a path.
as_text() {
	mawk -v n="$1" 'BEGIN {
		for (i = 0; i < n; i++)
			printf "proc-%d %d %d %d %s\n", (i * 7 + int(i / 32)) % 64 * 37, 1234, i, i * 1048576,
				"/usr/share/zoneinfo/Europe/Berlin"
	}'
}

# eval_awk SERIES PROGRAM: both awks, ns per line.
eval_awk() {
	for awk in mawk gawk; do
		LC_ALL=C $DRIVE -R 1 $awk "$2" "$tmp/text" |
			sed -n "s/^run_cpu_ms \(.*\)/\1/p" | awk -v s="eval.$1.$awk" -v n="$calls" '{ print s, $1 * 1e6 / n }'
	done
}

row_eval() {
	[ -x $BENCH/eval_bench ] || return
	[ -s "$tmp/text" ] || as_text "$calls" > "$tmp/text"
	$BENCH/eval_bench "$calls" | awk '
		/^n\[execname\(\)\]\+\+  / { print "eval.count.tapx", $2 }
		/^n\[pid\(\), execname\(\)\]/ { print "eval.two.tapx", $5 }
		/hist_log/ { print "eval.hist.tapx", $5 }
		/^printf of four  / { print "eval.print.tapx", $4 }'
	eval_awk count '{ n[$1]++ }'
	eval_awk two '{ n[$2, $1] += $3 }'
	eval_awk hist '{
		c[$1]++; s[$1] += $3
		if (c[$1] == 1 || $3 < lo[$1]) lo[$1] = $3
		if (c[$1] == 1 || $3 > hi[$1]) hi[$1] = $3
		b[$1, $3 > 0 ? int(log($3) / log(2)) : 0]++ }'
	eval_awk print '{ printf "%s(%d) %d %x\n", $1, $2, $3, $4 }'
}

for row; do
	grep -q "^row_$row()" tests/bench/host.sh || continue
	for i in $(rounds "$rounds"); do
		"row_$row" "$i"
	done
done
