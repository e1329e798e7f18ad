# where: guest
# check: 6.12
# Nobody can take the module from under its reader, which sleeps in poll() on a queue of the module's.
. "$LIB"
"$TAPX" -m tapx_used -T 100 -e 'probe begin { println("begun") } probe timer.ms(50) { println("tick") } probe end { println("end") }' > got 2> err &
pid=$!
wait_for got begun
i=0
while [ $i -lt 20 ]; do
	rmmod tapx_used 2> rmmod.err && fail 'removed while it is read'
	i=$((i + 1))
done
has rmmod.err 'in use|temporarily unavailable'
kill -INT $pid
wait $pid || fail "$(cat err)"
has got '^tick$'
has got '^end$'
[ ! -e /sys/module/tapx_used ] || fail 'the module stays'
