# where: guest
# check: 6.1
# Perf events that sample by clocks: most hits are in what computes.
. "$LIB"
sampled() {
	"$TAPX" -DMAXSKIPPED=999 -e "global n, user, other, at
	probe $1 {
		if (execname() != \"wl\") { other += execname() !~ \"swapper\"; next }
		n++
		user += user_mode()
		at += user_mode() == (register(\"rip\") > 0 && uaddr() == addr())
	}
	probe end { printf(\"%d %d %d %d\\n\", n > $2, other * 2 < n, user * 10 > n * 9, at == n) }" -c "$WL spin 1000" -o got > /dev/null 2> err || fail "status $?: $(cat err)"
	has got '^1 1 1 1$'
	lacks err 'skipped probes: [0-9][0-9][0-9]'
}
sampled timer.profile 300
sampled timer.profile.tick 80
sampled 'timer.profile.freq.hz(200)' 80
sampled 'perf.sw.cpu_clock.hz(500)' 150
sampled perf.sw.task_clock.process 300
sampled "perf.sw.cpu_clock.process(\"$WL\")" 300
