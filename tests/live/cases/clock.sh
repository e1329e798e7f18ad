# where: guest host
# The time of a record is the wall clock's at the hit, whatever clock the kernel stamps with, also after seconds.
. "$LIB"
[ -d "$TRACEFS/events/raw_syscalls/sys_enter" ] || skip 'no raw_syscalls events'
"$TAPX" -e 'probe kernel.trace("raw_syscalls:sys_enter") {
	if ($args[0] == 7777 && pid() == target()) printf("%d\n", gettimeofday_ns())
}' -c "$WL clock 30" -o got > said 2> err || fail "status $?: $(cat err)"
paste -d ' ' said got | awk -v slack=500000 '
	$3 < $1 - slack || $3 > $2 + slack { print; bad = 1 }
	END { if (NR != 30) print NR " lines, not 30"; exit bad || NR != 30 }' > wrong || fail "$(cat wrong)"
