# where: guest
# Every function that can be traced, in groups, on entry and on return, while everything is in use.
# GROUP: how many at once. EVERY: only every so manieth group. FROM: the group to begin with.
. "$TORTURE/lib"
grep -v ' \[' /sys/kernel/tracing/available_filter_functions | awk '{ print $1 }' | sort -u |
	grep -Ev '\.|^__(ia32|x64|x86|se|do_sys|do_compat|pfx)_|^(__)?trace_|^perf_trace|__ftrace_invalid' > functions
split -l "${GROUP:-500}" -a 4 -d functions group.
work
n=0 hits=0
for g in group.*; do
	n=$((n + 1))
	[ $n -ge "${FROM:-1}" ] && [ $((n % ${EVERY:-1})) -eq 0 ] || continue
	points=$(sed 's/.*/kernel.function("&") ?,/' "$g")
	returns=$(sed 's/.*/kernel.function("&").return ?,/' "$g")
	module wild -DSTP_NO_OVERLOAD -DMAXSKIPPED=1000000000 --suppress-handler-errors -e "global n, by[4000]
probe $points $returns timer.ms(1) {
	n++
	by[ppfunc()]++
	if (n % 100 == 0) { printf(\"%s %s\n\", pp(), execname()) print_backtrace() }
}
probe end { printf(\"hits %d\n\", n) foreach (f in by- limit 3) printf(\"most %s %d\n\", f, by[f]) }"
	s=$(date +%s)
	run wild 3
	echo "$n ($(head -n 1 "$g") ...): $(grep -a '^hits' wild.out), $(grep -am 1 '^most' wild.out), $(($(date +%s) - s)) s; $(head -n 2 wild.err)" | tee /dev/kmsg
	grep -aq '^hits' wild.out || fail "$n: $(cat wild.err)"
done
rest
