# where: guest
# check: 6.12
# Clocks, page faults, switches and watchpoints on all processors at high rates, in whatever runs, with
# arrays, statistics, stacks and output: it ends, and the kernel has nothing to say.
. "$LIB"
"$TAPX" -DSTP_NO_OVERLOAD -DMAXSKIPPED=999999 --suppress-handler-errors -e 'global n, by, s, t
probe perf.sw.cpu_clock.sample(50000), perf.sw.cpu_clock.hz(5000), perf.sw.task_clock.sample(100000),
	perf.sw.page_faults.sample(1), perf.sw.context_switches.sample(1), perf.sw.cpu_migrations.sample(1),
	timer.profile, timer.profile.tick, kernel.data("jiffies").write ? {
	n++
	by[pp(), user_mode()] <<< 1
	s[execname()] = sprint_backtrace()
	t = sprintf("%s %s", probefunc(), usymdata(uaddr()))
	if (n % 20 == 0) { print_backtrace() print_ubacktrace() print_regs() println(t) }
	try { n += kernel_long(n) } catch (m) { by[m, 0] <<< 1 }
	if (n % 500 == 0) { delete by; delete s }
}
probe kernel.function("handle_mm_fault") ?, kernel.trace("sched_switch"), kernel.trace("irq_handler_entry") { n++; by[pp(), 2] <<< 1 }
probe timer.ms(3000) { exit() }
probe end { printf("many %d\n", n > 1000) }' -o got > /dev/null 2> err &
pid=$!
i=0
while kill -0 $pid 2> /dev/null; do
	"$WL" who > /dev/null
	"$WL" faults 300
	i=$((i + 1))
	[ $i -lt 400 ] || fail 'it does not end'
done
wait $pid || fail "status $?: $(tail -n 3 err)"
tail -n 1 err
has got '^many 1$'
