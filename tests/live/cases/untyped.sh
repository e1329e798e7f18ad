# where: guest
# Scenario 6: kprobe.function without types; registers.
. "$LIB"
"$TAPX" -e 'probe kprobe.function("vfs_read") {
	if (execname() == "wl" && ulong_arg(3) <= 50)
		printf("%d %d %d\n", ulong_arg(3), int_arg(3), register("rdx"))
}' -c "$WL read 50" -o got > /dev/null 2> err || fail "status $?: $(cat err)"
seq 1 50 | awk '{ print $1, $1, $1 }' > want
same want got
"$TAPX" -e 'probe kprobe.function("vfs_read").return { if (execname() == "wl" && returnval() == 7) { printf("%d\n", returnval()) exit() } }' -c "$WL read 50" -o got > /dev/null 2> err || fail "status $?: $(cat err)"
echo 7 > want
same want got
"$TAPX" -e 'probe kprobe.function("vfs_read") { print_regs() exit() }' -c "$WL read 5" > got 2>&1
has got '(RIP|rip): ffff'
