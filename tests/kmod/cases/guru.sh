# where: guest
# check: 6.1
# -g: arguments, results and members of structs can be written; what cannot be written is an error.
. "$LIB"
"$TAPX" -g -e 'probe kernel.function("do_sys_openat2").return {
	if (pid() == target() && $return == -2) $return = -13
}
probe kernel.function("do_sys_openat2").return {
	if (pid() == target() && $return == -13) printf("denied\n")
}' -c 'cat /tapx-wl/none' -o got > /dev/null 2> err
has err 'Permission denied'
"$TAPX" -g -e 'probe kernel.function("vfs_read") {
	if (pid() == target() && $count == 7) { $count = 3; printf("%d\n", $count) }
}' -c "$WL read 9" -o got > said 2> err || fail "status $?: $(cat err)"
has said '^read [0-9]+ 7 3$'
has got '^3$'
"$TAPX" -g -e 'probe kernel.function("do_sys_openat2") {
	if (pid() != target()) next
	@cast(task_current(), "task_struct", "kernel")->comm[0] = 87
	$how->mode = 0
	try { @cast(0, "task_struct", "kernel")->pid = 1 } catch (m) { println(m) }
	try { @cast(0x4141414141414141, "task_struct", "kernel")->pid = 1 } catch (m) { println(m) }
	try { @cast(&@var("linux_banner"), "char")[0] = 1 } catch (m) { println(m) }
	printf("%s\n", execname())
	exit()
}' -c "$WL open 3" -o got > /dev/null 2> err || fail "status $?: $(cat err)"
has got '^Wl$'
[ "$(grep -c 'kernel write fault at 0x' got)" -ge 2 ] || fail "$(cat got)"
"$TAPX" -g -e 'probe kernel.function("vfs_read") { if (pid() == target() && $count == 8) set_ulong_arg(3, 2) }' -c "$WL read 9" > said 2> err || fail "status $?: $(cat err)"
has said '^read [0-9]+ 8 2$'
"$TAPX" -e 'probe kernel.function("vfs_read") { $count = 3 }' > got 2> err && fail 'written without -g'
has err 'guru|-g'
"$TAPX" -g -e 'probe kernel.function("do_sys_openat2") {
	if (execname() != "cat") next
	if (pid() < 0) panic("never")
	set_user_string_arg(16, "nowhere")
	dump_stack()
	raise(9)
}' -c 'sh -c "cat /proc/uptime; echo ended \$?"' > got 2> err || fail "status $?: $(cat err)"
has got '^ended 137$'
has err 'WARNING: user write fault at 0x0000000000000010'
dmesg | grep -q 'probe_0+0x.* \[tapx_' || fail 'dump_stack() left nothing in the log'
"$TAPX" -e 'probe begin { raise(9) }' > got 2> err && fail 'raise() without -g'
has err 'raise\(\) needs guru mode'
