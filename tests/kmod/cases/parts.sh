# where: guest
# check: 6.12
# Processes on all processors add while a timer looks, takes and deletes: nothing is lost or counted twice.
# New keys come up everywhere; a return probe and the overflow of an array take part.
. "$LIB"
calls=5000 each=3
"$TAPX" -DMAXTRYLOCK=100000 -DSTP_NO_OVERLOAD -DMAXSKIPPED=0 -e 'global s, all, n, h, some[16], took, sums, counts, spread, left, full, rounds
probe kernel.function("do_sys_openat2") {
	if (user_string($filename, "") != "/tapx-wl/rate") next
	s[pid(), all_kinds()] <<< 7
	n[execname(), cpu()]++
	all += 3
	h <<< (pid() & 7) - 3
}
probe kernel.function("do_sys_openat2").return {
	if (execname() != "wl" || $return >= 0) next
	try { some[tid(), $return] <<< 1 } catch { full++ }
	left--
}
function all_kinds() { return gettimeofday_us() % 50 }
probe timer.us(700) {
	rounds++
	foreach ([p, k] in s- limit 1) { took += @count(s[p, k]); sums += @sum(s[p, k]); spread += @variance(s[p, k]); pid = p; kind = k }
	delete s[pid, kind]
	if (rounds % 3 == 0) {
		foreach ([p, k] in s) { took += @count(s[p, k]); sums += @sum(s[p, k]) }
		delete s
	}
	foreach (v = [e, c] in n) counts += v
	if (rounds % 5) delete n; else { n["wl", 0] = 0; n["wl", 1] -= n["wl", 1]; delete n["wl", *]; n["wl", 1] += 0 }
}
probe end {
	foreach ([p, k] in s) { took += @count(s[p, k]); sums += @sum(s[p, k]) }
	foreach (v = [e, c] in n) counts += v
	foreach ([t, r] in some) { room++; kept += @count(some[t, r]) }
	printf("took %d sums %d counts %d all %d hist %d spread %d rounds %d\n", took, sums, counts, all, @count(h), spread, rounds > 20)
	printf("room %d returns %d %d\n", room, kept + full, -left)
	println(@hist_linear(h, -3, 4, 1))
}' -o got -c "sh -c 'for i in 1 2 3; do
	for c in \$(seq 0 \$((\$(nproc) - 1))); do for k in $(seq -s ' ' $each); do $WL rate $calls \$c & done; done; wait; done'" > said 2> err ||
	fail "status $?: $(cat err)"
total=$(($(grep -c "^rate $calls$" said) * calls))
[ $total -ge $((3 * each * calls)) ] || fail "only $total calls"
has got "^took $total sums $((7 * total)) counts $total all $((3 * total)) hist $total spread 0 rounds 1\$"
has got "^room 16 returns $total $total\$"
lacks err 'WARNING|ERROR'
