# where: guest host
# Scenario 8: fields of the trace event as variables; $$name, $$parms.
. "$LIB"
"$TAPX" -e 'probe kernel.trace("sched:sched_process_fork") {
	if (pid() == target()) printf("%s %d %s\n", $$name, $parent_pid == tid(), kernel_string($child_comm))
}' -c "$WL who" -o got > /dev/null 2> err || fail "status $?: $(cat err)"
has got '^sched_process_fork 1 (wl|renamed)$'
lacks got ' 0 '
