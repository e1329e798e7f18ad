# where: guest host
# Timers stand in their place among the records: counts before each tick grow with time.
. "$LIB"
[ -d "$TRACEFS/events/raw_syscalls/sys_enter" ] || skip 'no raw_syscalls events'
"$TAPX" -e 'global last, bad, ticks
probe kernel.trace("raw_syscalls:sys_enter") { t = gettimeofday_ns(); if (t < last) bad++; last = t }
probe timer.ms(5) { t = gettimeofday_ns(); if (t < last) bad++; last = t; ticks++ }
probe end { printf("%d %d\n", bad, ticks > 10) }' -T 0.5 > out 2> err || fail "status $?: $(cat err)"
echo '0 1' > want
same want out
