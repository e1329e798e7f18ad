# where: guest
# Hits whose strings are too large for a record, which the kernel drops without a word, are counted.
. "$LIB"
"$TAPX" -e 'global n, r
probe kernel.function("do_renameat2") {
	if (pid() == target() && strlen(kernel_string($from->name) . kernel_string($to->name)) == 20) n++
}
probe kernel.function("do_renameat2").return {
	if (pid() == target() && strlen(@entry(kernel_string($from->name)) . @entry(kernel_string($to->name))) == 20) r++
}
probe end { printf("%d %d\n", n, r) }' -c "$WL rename 50" -o got > /dev/null 2> err || fail "status $?: $(cat err)"
echo '100 100' > want
same want got
[ "$(grep -c ': 50 hits lost: the strings they read do not fit into a record' err)" = 2 ] || fail "$(cat err)"
"$TAPX" -e 'probe kernel.function("do_renameat2") { if (strlen(kernel_string($from->name) . kernel_string($to->name)) == 20) n++ } global n
probe end { println(n) }' -c "$WL rename 0" > got 2> err || fail "status $?: $(cat err)"
[ ! -s err ] || fail "$(cat err)"
