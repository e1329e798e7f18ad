# where: guest
# The command line and the environment of the task that was hit, while it is there.
. "$LIB"
FIRST=one "$TAPX" -e 'probe kernel.function("do_sys_openat2") {
	if (pid() != target()) next
	printf("%s|%s|%s|%s\n", cmdline_arg(1), cmdline_args(1, -1, "+"), env_var("FIRST"), execname())
	printf("%d %d %d\n", ns_pid() == pid(), pgrp() > 0, proc_mem_rss() > 0)
	exit()
}' -c "sleep 2.5 ''" -o got > /dev/null 2> err || [ $? -eq 1 ] || fail "status $?: $(cat err)"
[ "$(head -n 1 got)" = '2.5|2.5+""|one|sleep' ] || fail "$(cat got)"
[ "$(sed -n 2p got)" = '1 1 1' ] || fail "$(cat got)"
