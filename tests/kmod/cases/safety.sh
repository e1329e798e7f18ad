# where: guest
# check: 6.12
# Null and wild pointers, endless loops, recursion, in tasks and interrupts: errors, and nothing else.
. "$LIB"
"$TAPX" -e 'global faults, done
probe kernel.function("vfs_read") {
	if (pid() != target() || done) next
	for (i = 0; i < 9; i++) {
		a = i == 0 ? 0 : i == 1 ? 1 : i == 2 ? -1 : i == 3 ? 0x4141414141414141 : i == 4 ? 0x7fffffffffff
			: i == 5 ? -4096 : i == 6 ? 0xffff800000000000 : i == 7 ? 0xffffffffff600000 : 0x800000000000
		try { v += kernel_long(a) } catch (m) { faults++ }
		try { s .= kernel_string(a) } catch (m) { faults++ }
		try { v += user_long_error(a) } catch (m) { faults++ }
		try { s .= user_string(a) } catch (m) { faults++ }
		s .= user_string_quoted(a) . kernel_string_quoted(a)
	}
	done = 1
	printf("faults %d %d %d\n", faults, v, strlen(s) > 0)
	exit()
}' -c "$WL read 3" -o got > /dev/null 2> err || fail "status $?: $(cat err)"
has got '^faults 3[0-9] '
"$TAPX" -e 'probe kernel.function("vfs_read") { while (1) i++ }' -c "$WL read 3" > got 2> err && fail 'an endless loop gave status 0'
has err 'MAXACTION exceeded'
"$TAPX" -e 'function f(n) { return f(n + 1) + 1 } probe kernel.function("vfs_read") { println(f(0)) }' -c "$WL read 3" > got 2> err && fail 'endless recursion gave status 0'
has err 'MAXNESTING exceeded'
"$TAPX" -DSTP_NO_OVERLOAD --suppress-handler-errors -e 'global n, m
probe kernel.trace("irq_handler_entry") { n++; m += $irq; t = kernel_string($action->name, "none"); try { m += kernel_long($irq) + strlen(t) } catch (e) { m++ } }
probe kernel.trace("softirq_entry"), kernel.trace("timer_expire_entry"), kernel.trace("sched_switch") { n++ }
probe kernel.function("__handle_irq_event_percpu") ?, kernel.function("update_process_times") ? { n++; print_backtrace() }
probe timer.ms(300) { exit() }
probe end { printf("hits %d\n", n > 0) }' -o got > /dev/null 2> err || fail "status $?: $(cat err)"
has got '^hits 1$'
"$TAPX" -DMAXACTION_INTERRUPTIBLE=1000000 -e 'global a[100000]
probe begin { for (i = 0; i < 100000; i++) a[i] = randint(1000) }
probe timer.ms(20) { for (i = 0; i < 300; i++) foreach (k in a-) { x += k break } printf("%d sorts %d\n", i, x) }' > got 2> err && fail 'sorting without end gave status 0'
has err 'MAXACTION exceeded near keyword .foreach.'
