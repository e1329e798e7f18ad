# where: guest
# Reads at addresses that the handler computes: parents until init, an index that is a variable.
. "$LIB"
"$TAPX" -e 'function up(p) { return @cast(p, "task_struct", "kernel")->real_parent }
probe kernel.function("do_sys_openat2") {
	if (pid() != target()) next
	p = task_current()
	n = 0
	while (@cast(p, "task_struct", "kernel")->pid > 1 && n++ < 50) p = up(p)
	printf("%d %s", n > 0, kernel_string(@cast(p, "task_struct", "kernel")->comm))
	name = ""
	for (i = 0; i < 2; i++) name .= sprintf("%c", @cast(task_current(), "task_struct", "kernel")->comm[i])
	printf(" %s\n", name)
	exit()
}' -c "$WL open 3" -o got > /dev/null 2> err || fail "status $?: $(cat err)"
has got '^1 [a-z]+ wl$'
