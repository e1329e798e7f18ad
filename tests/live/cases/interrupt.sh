# where: guest
# Ctrl-C with hundreds of probes: output complete, gone within a second.
. "$LIB"
"$TAPX" -e 'global n; probe kernel.function("{tcp_*,ext4_*,udp_*}") { n++ } probe begin { println("begin") } probe timer.ms(200) { println("running") } probe end { println("end ", n > 0) }' > out 2> err &
pid=$!
i=0
while ! grep -q running out; do
	sleep 0.5
	i=$((i + 1))
	[ $i -lt 200 ] || fail "never ran: $(cat err)"
done
sleep 1
start=$(date +%s%N)
kill -INT $pid
wait $pid
code=$?
took=$((($(date +%s%N) - start) / 1000000))
[ $code -eq 0 ] || fail "status $code: $(cat err)"
has out '^end 1$'
grep -c . "$TRACEFS/dynamic_events" || :
[ $took -le 1500 ] || fail "took $took ms to stop"
cat err
