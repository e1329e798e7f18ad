# where: host guest
# -S begins a new file when one is full and keeps the newest; switch_file() and SIGUSR2 do so when asked.
. "$LIB"
"$TAPX" -o o -S 1,3 -e 'global n
probe timer.ms(5) { for (i = 0; i < 4000; i++) printf("%100d\n", i); if (++n == 16) exit() }' > out 2> err || fail "$(cat err)"
[ ! -e o.0 ] && [ ! -e o ] || fail "old files stay: $(ls)"
[ "$(ls o.* | wc -l)" = 3 ] || fail "$(ls) are not 3 files"
sort -n -u $(ls o.*) | wc -l > lines
echo 4000 > want
same want lines
"$TAPX" -o p -e 'probe begin { println(1); switch_file(); println(2); exit() }' || fail 'switch_file'
printf '1\n' > want && same want p
printf '2\n' > want && same want p.1
"$TAPX" -o u -e 'probe begin { println("first") } probe end { println("last") }' -T 20 &
pid=$!
wait_for u first
kill -USR2 $pid
i=0
while [ ! -e u.1 ] && [ $i -lt 100 ]; do sleep 0.05; i=$((i + 1)); done
kill -INT $pid
wait $pid
printf 'first\n' > want && same want u
printf 'last\n' > want && same want u.1
