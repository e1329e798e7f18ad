# where: guest
# check: 6.1
# Probes in what the module itself uses, in page faults, in interrupts, while tasks come and go: hits
# within a handler are left out and counted; everything goes on.
. "$LIB"
"$TAPX" -DSTP_NO_OVERLOAD --suppress-handler-errors -e 'global n, by, s
probe kernel.function("ring_buffer_lock_reserve") ?, kernel.function("copy_from_kernel_nofault") ?,
	kernel.function("irq_work_queue") ?, kernel.function("ktime_get_mono_fast_ns") ?, kernel.function("__wake_up") ?,
	kernel.function("sprint_symbol") ?, kernel.function("handle_mm_fault") ?, kernel.function("_raw_spin_lock_irqsave") ? {
	n++
	by[ppfunc()] <<< 1
	try { s = kernel_string(n) . user_string(n + 0x7fff00000000) } catch (m) { s = m }
	if (n % 50 == 0) { print_backtrace() printf("%s %s\n", s, pp()) }
}
probe kernel.function("handle_mm_fault").return ?, kernel.function("kmem_cache_alloc").return ? {
	n += $return == @entry(gettimeofday_ns())
}
probe kernel.trace("exceptions:*"), kernel.trace("irq:*"), kernel.trace("sched:*"), kernel.trace("timer:*"),
	kernel.trace("kmem:*"), kernel.trace("rcu:*"), kernel.trace("workqueue:*"), kernel.trace("irq_vectors:*") {
	n++
	by[$$name] <<< 1
	if (n % 100 == 0) { print_backtrace() printf("%s\n", $$parms) }
}
probe timer.us(500) { n++; try { n += kernel_long(n) } catch (m) { by[m] <<< 1 } }
probe timer.ms(2000) { exit() }
probe end { foreach (k in by limit 1) printf("kinds yes\n") printf("hits %d\n", n > 100) }' -o got > /dev/null 2> err &
pid=$!
i=0
while kill -0 $pid 2> /dev/null; do
	"$WL" who > /dev/null
	i=$((i + 1))
	[ $i -lt 400 ] || fail 'it does not end'
done
wait $pid
cat err
has got '^kinds yes$'
has got '^hits 1$'
