# where: guest
# What is expensive or endless, in each context: it ends by an error or by its limit.
. "$TORTURE/lib"
common='global hits, caught, small[10], stats[50], sorted[300], names[100], n
function zero(x) { return 1 / x }
function modulo(x) { return x % (x - x) }
function deep(x) { return deep(x + 1) + deep(x + 2) }
function endless(x) { while (1) x++ return x }
function huge(s) { for (i = 0; i < 20; i++) s .= s . sprintf("%1000s|%-1000d|%s", "y", i, s) return strlen(s) }
function everything(x) {
	printf("%d %i %u %x %X %o %p %c %s %%%5d%-5d|%05d%+d% d%#x%.3s%10.2s|%b%1b%2b%4b%8b%m%M\n", x, x, x, x, x, x, x, x & 127,
		"text", x, x, x, x, x, x, "abcdef", "xyz", x, x, x, x, x, 0, 0)
	print_backtrace()
	return strlen(sprint_backtrace())
}
function full(x) { for (i = 0; i < 50; i++) small[i + x] = i }
function sum(x) { for (i = 0; i < 40; i++) stats[i] <<< x * i return @max(stats[3]) + @variance(stats[4]) }
function sort(x) { for (i = 0; i < 200; i++) sorted[i] = randint(1000) foreach (k in sorted-) y += k foreach (k+ in sorted) y -= k return y }
function match(s) { for (i = 0; i < 20; i++) if (s =~ "(a|aa|b*)*(c|d)+[^x]{2,9}e?$") y++ return sprint(y) . matched(0) }
function text(s) { s = str_replace(s, "a", "aaaaaaaaaaaaaaaa") return s . substr(s, 3, 100000) . text_str(s) . tokenize(s, "a") }
function abuse(what) {
	hits[what]++
	i = hits[what] % 10
	try {
		if (i == 0) println(zero(0))
		if (i == 1) println(modulo(n))
		if (i == 2) println(deep(0))
		if (i == 3) println(huge("x"))
		if (i == 4) println(everything(n))
		if (i == 5) full(n)
		if (i == 6) println(sum(n))
		if (i == 7) println(sort(n))
		if (i == 8) println(match("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaax"))
		if (i == 9) println(text("banana" . execname()))
	} catch (m) {
		caught[what]++
	}
	n++
	if (hits[what] % 50 == 11) println(endless(0))
}'
probes='
probe kernel.function("vfs_read") { abuse("task") }
probe kernel.function("vfs_read").return { abuse("return") }
probe timer.ms(7) { abuse("timer") }
probe kernel.trace("irq_handler_entry") { abuse("irq") }
probe kernel.trace("softirq_entry") { abuse("softirq") }
probe kernel.trace("timer_expire_entry") { abuse("callback") }
probe kernel.trace("sched_switch") { abuse("switch") }
probe kernel.function("handle_mm_fault") { abuse("fault") }
probe kernel.function("try_to_wake_up") { abuse("wake") }'
work
module heavy --suppress-handler-errors -DSTP_NO_OVERLOAD -DMAXSKIPPED=1000000000 -e "$common$probes"'
probe end { foreach (k in hits+) printf("hits %s %d %d\n", k, hits[k], caught[k]) }'
run heavy 15
rest
grep -a '^hits' heavy.out
for k in task return timer irq softirq callback switch fault wake; do
	grep -aEq "^hits $k [0-9]+ [1-9]" heavy.out || fail "$k: $(tail -n 12 heavy.out)"
done
