# where: guest
# Scenario 4: negative results are signed; returnval(), returnstr(), maxactive.
. "$LIB"
"$TAPX" -e 'probe kernel.function("do_sys_openat2").return.maxactive(64) {
	if (pid() == target() && isinstr(user_string($filename, ""), "/tapx-wl/"))
		printf("%d %d %s\n", $return, returnval(), returnstr(1))
}' -c "$WL open 3" -o got > /dev/null 2> err || fail "status $?: $(cat err)"
sort -u got > got.u
printf -- '-2 -2 -2 (ENOENT)\n' > want
same want got.u
lines got 3
