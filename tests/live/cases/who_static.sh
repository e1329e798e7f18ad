# where: guest host
# The same on a static trace event (no kprobe): the task tracker alone.
. "$LIB"
[ -d "$TRACEFS/events/syscalls/sys_enter_openat" ] || skip 'this kernel has no syscall events'
cat > s.stp <<'S'
probe kernel.trace("syscalls:sys_enter_openat") {
	if ($flags == 0 && $mode == 0600)
		printf("%s %d %d %d\n", execname(), pid(), tid(), ppid())
}
S
"$TAPX" s.stp -c "$WL who" -o got > said 2> err || fail "status $?: $(cat err)"
awk '{ print $2, $3, $4, $5 }' said | sort > want
sort got > got.s
same want got.s
