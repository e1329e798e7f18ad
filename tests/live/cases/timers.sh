# where: guest host
# Scenario 12: timers in their rate; the ratio of jiffies to ms gives CONFIG_HZ.
. "$LIB"
"$TAPX" -e 'global a, b, c; probe timer.ms(10) { a++ } probe timer.us(5000) { b++ } probe timer.hz(50).randomize(1)?, timer.hz(50) { c++ }
probe timer.s(1) { printf("%d %d %d\n", a >= 95 && a <= 100, b >= 190 && b <= 200, c >= 45 && c <= 51) exit() }' > out 2>&1 || fail "status $?: $(cat out)"
echo '1 1 1' > want
same want out
"$TAPX" -e 'global j, m; probe timer.jiffies(20) { j++ } probe timer.ms(20) { m++ } probe timer.s(2) { hz = 1000 * j / m; print(hz, "\n") exit() }' > out || fail "status $?"
hz=$(cat out)
conf=$(zcat /proc/config.gz 2>/dev/null | sed -n 's/^CONFIG_HZ=//p')
[ -n "$conf" ] || conf=$(sed -n 's/^CONFIG_HZ=//p' "/boot/config-$(uname -r)" 2>/dev/null)
[ -n "$conf" ] || conf=$hz
[ "$hz" -gt $((conf * 8 / 10)) ] && [ "$hz" -lt $((conf * 12 / 10)) ] || fail "HZ $hz, not $conf"
