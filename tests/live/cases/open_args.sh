# where: guest
# Scenario 3: arguments by name, struct members behind pointers, user strings; pid, tid.
. "$LIB"
"$TAPX" -e 'probe kernel.function("do_sys_openat2") {
	if (pid() == target() && isinstr(user_string($filename, ""), "/tapx-wl/"))
		printf("open %d %d %x %s\n", pid(), tid(), $how->flags & ~0x8000, user_string($filename, ""))
}' -c "$WL open 300" -o got > want 2> err || fail "status $?: $(cat err)"
same want got
lines got 300
[ ! -s err ] || fail "$(cat err)"
