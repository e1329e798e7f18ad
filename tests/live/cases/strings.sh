# where: guest
# Strings that are empty, that cannot be read, and what a script can do about it.
. "$LIB"
"$TAPX" -e 'probe kernel.function("do_sys_openat2") {
	if (pid() != target() || int_arg(1) != -100) next
	try { printf("[%s]\n", user_string($filename)) } catch (msg) { printf("fault\n") }
	printf("<%s>\n", user_string($filename, "default"))
	printf("%s\n", user_string_quoted($filename))
}' -c "$WL empty" -o got > /dev/null 2> err || fail "status $?: $(cat err)"
tail -n 12 got > last
printf '[]\n<>\n""\nfault\n<default>\n0x8\nfault\n<default>\n' > want
sed -n 1,8p last > first8
same want first8
has got '^\[/tapx-wl/after\]$'
has got '^"/tapx-wl/after"$'
