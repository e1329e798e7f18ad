# where: guest
# Records of two processors come in true order: two threads take turns, 3000 times.
. "$LIB"
[ "$(nproc)" -ge 2 ] || skip 'one processor only'
"$TAPX" -e 'probe kernel.function("do_sys_openat2") {
	p = user_string($filename, "")
	if (isinstr(p, "/tapx-wl/order/")) {
		cpus[cpu()]++
		printf("order %s\n", substr(p, 15, 10))
	}
}
global cpus
probe end { foreach (c in cpus) n++; if (n < 2) println("one processor only") }' -c "$WL order 3000" -o got > want 2> err || fail "status $?: $(cat err)"
same want got
