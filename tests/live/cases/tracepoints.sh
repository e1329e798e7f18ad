# where: guest
# Scenario 8: raw tracepoint arguments, on 6.1 through the iterator, later as t: events.
. "$LIB"
"$TAPX" -e 'probe kernel.trace("sched_process_fork") {
	if ($parent->tgid == target())
		printf("fork %s %d %d\n", kernel_string($child->comm), $parent->pid, $child->pid)
}' -c "$WL who" -o got > said 2> err || fail "status $?: $(cat err)"
awk '$1 == "who" && $9 ~ /short-/ { print $3 }' said | sort > want
awk '{ print $4 }' got | sort > all
comm -23 want all > missing
[ ! -s missing ] || { cat missing; fail 'forks that were not seen'; }
has got '^fork wl '
"$TAPX" -e 'global n; probe kernel.trace("sched_switch") { n++; if (kernel_string($next->comm) == "wl") w++ } global w
probe end { printf("%d %d\n", n > 0, w > 0) }' -c "$WL who" -o got > /dev/null 2> err || fail "status $?: $(cat err)"
echo '1 1' > want
same want got
