# where: guest
# check: 6.1
# SIGKILL of the reader, of its guard, of both; a second Ctrl-C; a reader that is too slow, or gone.
. "$LIB"
gone() {
	n=0
	while [ -e /sys/module/tapx_kill ] && [ $n -lt 100 ]; do sleep 0.1; n=$((n + 1)); done
	[ ! -e /sys/module/tapx_kill ] || fail "the module stays: $1"
}
ln -s "${WL%/wl}/tapx" taprun
"$TAPX" -p4 -m tapx_kill -e 'global n probe begin { println("begun") } probe kernel.function("vfs_*").call { n++ } probe kernel.function("vfs_*").return { n++ } probe end { println("end") }' > /dev/null 2> err || fail "status $?: $(cat err)"
i=0
while [ $i -lt 8 ]; do
	./taprun tapx_kill.ko > /dev/null 2>&1 &
	pid=$!
	sleep "0.$(printf '%02d' $((i * 13 % 100)))"
	kill -9 $pid
	wait $pid 2> /dev/null
	gone "moment $i"
	i=$((i + 1))
done

# the guard first; then both, and the next run removes what they left
start() {
	./taprun tapx_kill.ko > got 2>&1 &
	pid=$!
	wait_for got begun
	guard=$(pgrep -P $pid)
	[ -n "$guard" ] || fail 'no guard'
}
start
kill -9 "$guard"
kill -INT $pid
wait $pid || fail "status $?: $(cat got)"
has got '^end$'
gone 'after the guard'
start
kill -9 "$guard"
kill -9 $pid
wait $pid 2> /dev/null
[ -e /sys/module/tapx_kill ] || fail 'who removed it?'
"$TAPX" -e 'probe begin { exit() }' 2> err || fail "status $?: $(cat err)"
gone 'after the next run'

# nobody reads: the first Ctrl-C waits for the output, the second does not
"$TAPX" -p4 -m tapx_flood -s 1 -e 'global n probe timer.us(200) { printf("%d %s\n", ++n, sprintf("%200s", "")) } probe end { println("end") }' > /dev/null 2> err || fail "status $?: $(cat err)"
mkfifo pipe
sleep 100 < pipe &
reader=$!
./taprun tapx_flood.ko > pipe 2> err &
pid=$!
sleep 8
kill -INT $pid
sleep 1
kill -0 $pid || fail 'it did not wait for its reader'
kill -INT $pid
i=0
while kill -0 $pid 2> /dev/null; do sleep 0.1; i=$((i + 1)); [ $i -lt 50 ] || fail 'the second Ctrl-C was not heard'; done
wait $pid
has err 'There were [1-9][0-9]* transport failures'
kill $reader
[ ! -e /sys/module/tapx_flood ] || fail 'the module stays'
./taprun tapx_flood.ko 2> err | head -n 1 > /dev/null
i=0
while [ -e /sys/module/tapx_flood ] && [ $i -lt 50 ]; do sleep 0.1; i=$((i + 1)); done
[ ! -e /sys/module/tapx_flood ] || fail 'the module stays after its reader went'
