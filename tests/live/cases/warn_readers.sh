# where: guest
# Readers that only warn: the handler goes on with 0, "" or the text that was given; a read that works is silent.
. "$LIB"
"$TAPX" -e 'probe kernel.function("do_sys_openat2") {
	if (pid() != target()) next
	printf("%d|%s|%s|%d\n", user_int_warn(pointer_arg(1)), user_string_warn(8), user_string_n_warn(8, 3, "none"), user_ulong_warn(pointer_arg(1)))
	exit()
}' -c "$WL open 3" -o got > /dev/null 2> err || fail "status $?: $(cat err)"
[ "$(head -n 1 got)" = '0||none|0' ] || fail "$(cat got)"
[ "$(grep -c '^WARNING: user read fault at 0x' err)" = 4 ] || fail "$(cat err)"
"$TAPX" -e 'probe kernel.function("do_sys_openat2") {
	if (pid() == target() && isinstr(user_string_warn($filename), "/tapx-wl/")) printf("%s\n", user_string_warn($filename))
}' -c "$WL open 20" -o got > /dev/null 2> err || fail "status $?: $(cat err)"
[ "$(grep -c /tapx-wl/ got)" -ge 18 ] || fail "$(cat got)"
