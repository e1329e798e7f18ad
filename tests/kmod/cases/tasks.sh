# where: guest
# Tasks: who began them and when, how long they have run, signals, stacks of the kernel.
. "$LIB"
"$TAPX" -g -e 'probe kernel.function("do_sys_openat2") {
	if (execname() != "wl" || user_string($filename, "") != "/tapx-wl/end") next
	t = task_current()
	printf("tree%s|%s|%s\n", pstrace(t), task_ancestry(t, 0), task_ancestry(task_parent(t), 1))
	printf("time %d %d %s\n", task_utime() + task_stime() > 0, task_utime(tid()) == task_utime(), task_time_string())
	now = ktime_get_ns()
	printf("start %d %d\n", task_start_time(tid()) > 0 && task_start_time(tid()) < now, task_start_time(999999999))
	printf("sig %d %d %d\n", is_sig_blocked(t, 9), is_sig_blocked(t, 0), addr_to_node(t))
	try { println(get_sa_flags(1)) } catch (m) { println(m) }
	printf("ids %d %d\n", task_ns_pid(t) == pid(), task_ns_uid(t))
	printf("stacks %s|%d\n", symname(strtol(tokenize(task_backtrace(task_parent(t)), " "), 16)), task_backtrace(t) == backtrace())
	try { println(task_backtrace(t + 8)) } catch (m) { println(m) }
	raise(10)
}' -c "$WL spin 200; $WL faults 5; echo end \$?" > got 2> err || fail "status $?: $(cat err)"
check() {
	has got "$1" || { cat got err; exit 1; }
}
check '^tree wl\([0-9]+\).* sh\([0-9]+\).*\|[^|]*=>sh=>wl\|[^|]*\(0m0[.][0-9]{9}s\)=>.*sh\([0-9]+m[0-9]+[.][0-9]{9}s\)$'
check '^time 1 1 usr: 0m[0-9]+\.[0-9]{3}s, sys: 0m[0-9]+\.[0-9]{3}s$'
check '^start 1 0$'
check '^sig 0 0 0$'
check '^kernel read fault at 0x[0-9a-f]+$'
check '^ids 1 0$'
check '^stacks (__schedule|context_switch|schedule)\|1$'
check '^there is no task at 0xffff'
check '^end 138$' # killed by SIGUSR1
