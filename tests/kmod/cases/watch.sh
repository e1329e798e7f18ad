# where: guest
# check: 6.12
# Watchpoints: writes to variables of the kernel, each seen once and with what was written; reads; a part
# of a variable; what the processor has not.
. "$LIB"
cat > writes.sh <<'EOF'
for i in 1 2 3 4 5 6 7; do
	echo $i > /proc/sys/kernel/panic
	echo $((i + 100)) > /proc/sys/kernel/panic_on_oops
done
cat /proc/sys/kernel/panic > /dev/null
echo 0 > /proc/sys/kernel/panic
EOF
"$TAPX" -e 'global n, cpus
probe kernel.data("panic_timeout").write { printf("%s %d\n", execname(), kernel_int(address())) n++; cpus <<< cpu() }
function address:long() { return &@var("panic_timeout") }
probe end { printf("%d %d\n", n, @max(cpus) < 2) }' -c 'sh writes.sh' -o got > /dev/null 2> err || fail "status $?: $(cat err)"
{ seq 1 7; echo 0; } | sed 's/^/sh /' > want
grep ^sh got > n
same want n
has got '^8 1$'
"$TAPX" -e 'global reads, n probe kernel.data("panic_timeout").rw { n++; reads += execname() == "cat" } probe end { printf("%d %d\n", n, reads) }' -c 'sh writes.sh' -o got > /dev/null 2> err || fail "status $?: $(cat err)"
has got '^9 1$'
at=0x$(sed -n 's/ [A-Za-z] panic_timeout$//p' /proc/kallsyms)
"$TAPX" -e 'global n
probe kernel.data('$at').length(4).write { n++ if (!n) print_backtrace() if (n == 1) { println(probefunc()) print_backtrace() } }
probe end { println(n) }' -c 'sh writes.sh' -o got > /dev/null 2> err || fail "status $?: $(cat err)"
has got '^8$'
has got '^ 0xffffffff[0-9a-f]+ : .*proc_.*\[kernel\]$'
"$TAPX" -e 'probe kernel.data('$at').write, kernel.data('$at').rw, kernel.data('$at').length(2).rw, kernel.data('$at').length(2).write, kernel.data('$at').length(4).rw { println(1) }' > got 2> err && fail 'five watchpoints gave status 0'
has err '^ERROR: kernel.data.*: all watchpoints of the processor are in use, it has 4'
"$TAPX" -e 'probe kernel.data('$at').write, kernel.data('$at').rw, kernel.data('$at').length(2).rw, kernel.data('$at').length(2).write, kernel.data('$at').length(4).rw ? { println(1) }  probe timer.ms(200) { println("on") exit() }' > got 2> err || fail "status $?: $(cat err)"
has got '^on$'
"$TAPX" -e 'probe kernel.data('$at' + 1).length(4).write { println(1) }' > got 2> err && fail 'a sum in a point gave status 0'
"$TAPX" -e 'probe kernel.data("no_such_variable").write { println(1) }' > got 2> err && fail 'an unknown variable gave status 0'
has err "no variable 'no_such_variable'"
"$TAPX" -e 'probe kernel.data("__per_cpu_offset").write ?, kernel.data("cpu_number").write { println(1) }' > got 2> err && fail 'a variable of each processor gave status 0'
"$TAPX" -DMAXSKIPPED=99999 -DSTP_NO_OVERLOAD -e 'global n, m
probe kernel.data("jiffies").write { n++; m[execname()] <<< cpu(); if (n % 50 == 0) { print_backtrace() print_regs() } }
probe timer.s(1) { exit() }
probe end { printf("many %d\n", n > 50) }' -o got > /dev/null 2> err || fail "status $?: $(cat err)"
has got '^many 1$'
