# where: guest
# check: 6.1
# Perf events counted by page fault and context switch, read as counters; those that this machine has not.
. "$LIB"
"$TAPX" -e 'global on, n, left, c
probe perf.sw.page_faults_min.sample(1) { if (on && pid() == target()) n++ }
probe perf.sw.page_faults_min.process.counter("faults") { println("no") }
probe kernel.function("do_sys_openat2") {
	if (pid() != target()) next
	path = user_string($filename, "")
	if (path == "/tapx-wl/begin") { on = 1; c = @perf("faults") }
	if (on && path == "/tapx-wl/end") { left = @perf("faults") - c; on = 0 }
}
probe end { printf("%d %d\n", n, left) }' -c "$WL faults 500" -o got > /dev/null 2> err || fail "status $?: $(cat err)"
has got '^500 500$'
"$TAPX" -e 'global n, program
probe perf.sw.context_switches.process.counter("switches") {}
probe perf.type(1).config(3).process("'"$WL"'") { program++ }
probe kernel.function("do_sys_openat2") {
	if (pid() != target()) next
	path = user_string($filename, "")
	if (path == "/tapx-wl/begin") n = @perf("switches")
	if (path == "/tapx-wl/end") printf("counted %d\n", @perf("switches") - n)
}' -c "$WL switch 300" > got 2> err || fail "status $?: $(cat err)"
awk '/^counted/ { c = $2 } /^switch/ { s = $2 } END { exit !(c > 100 && c - s < 3 && s - c < 3) }' got || fail "$(cat got)"
"$TAPX" -e 'global n, other
probe perf.type(1).config(2).sample(1).process { n++ }' > got 2> err && fail 'a form that is none gave status 0'
"$TAPX" -e 'global n, other
probe perf.sw.page_faults.process("'"$WL"'") { n++ } probe timer.s(1) { exit() }' > got 2> err || fail "status $?: $(cat err)"
"$TAPX" -e 'probe perf.hw.cpu_cycles { println(1) }' > got 2> err && fail 'a counter that is not there gave status 0'
has err '^ERROR: perf.type\(0\).config\(0\): no such counter on this machine'
"$TAPX" -e 'probe perf.hw.cpu_cycles ?, timer.ms(100) { println(pp()) exit() }' > got 2> err || fail "status $?: $(cat err)"
has got '^timer.ms'
"$TAPX" -e 'probe perf.sw.cpu_clock.process { println(1) }' > got 2> err && fail 'a target that is none gave status 0'
has err 'the process of -c or -x, and there is none'
