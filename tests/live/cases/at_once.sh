# where: guest host
# One event is shown at once, also when nothing follows it.
. "$LIB"
"$TAPX" -e 'probe kernel.trace("sched:sched_process_exec") { if (kernel_string($filename) == "'"$WL"'") println("seen ", pid()) } probe begin { println("begin") }' > out 2> err &
pid=$!
wait_for out begin
sleep 2
"$WL" rate 0 > said
sleep 1
n=$(grep -c seen out)
kill -INT $pid
wait $pid || fail "status $?: $(cat err)"
[ "$n" -eq 1 ] || fail "$n lines after a second: $(cat out err)"
