# where: guest
# Two tapx at once do not see each other; another user of ftrace sees no change.
. "$LIB"
echo 1 > "$TRACEFS/events/sched/sched_process_fork/enable"
"$TAPX" -e 'probe kernel.function("vfs_read") { if ($count == 41 && execname() == "wl") println("a ", $count) } probe begin { println("begin") } probe timer.ms(100) { println("on") }' -T 6 > a 2> a.err &
"$TAPX" -e 'probe kernel.function("vfs_read") { if ($count == 42 && execname() == "wl") println("b ", $count) } probe begin { println("begin") } probe timer.ms(100) { println("on") }' -T 6 > b 2> b.err &
wait_for a on
wait_for b on
"$WL" read 50 > said
wait
[ "$(cat "$TRACEFS/events/sched/sched_process_fork/enable")" = 1 ] || fail 'the other user was switched off'
echo 0 > "$TRACEFS/events/sched/sched_process_fork/enable"
: > "$TRACEFS/trace"
[ "$(grep -c '^a 41$' a)" -eq 1 ] || fail "a: $(cat a a.err | head -n 5)"
[ "$(grep -c '^b 42$' b)" -eq 1 ] || fail "b: $(cat b b.err | head -n 5)"
