# where: guest
# Reads and writes of each width at addresses that nobody may touch, in each context: every one an error.
. "$TORTURE/lib"
reads=$(for w in char short int long uint8 uint16 uint32 uint64 string; do
	echo "n++; try { s .= sprint(kernel_$w(a)) } catch (m) { f++ }"
done; for w in char short int long uint8 uint16 uint32 uint64; do
	echo "n++; f += user_$w(a) == 0" # without an error
done
echo 'n++; f += user_string(a, "none") == "none"'
echo 'n++; try { s .= sprint(user_long_error(a)) } catch (m) { f++ }'
echo 'n++; try { s .= kernel_string_n(a, 100000) } catch (m) { f++ }'
echo 'n++; try { s .= sprint(@cast(a, "task_struct", "kernel")->pid) } catch (m) { f++ }'
echo 'n++; try { s .= @cast(a, "task_struct", "kernel")->comm$ } catch (m) { f++ }'
echo 'n++; try { s .= sprintf("%M", a) } catch (m) { f++ }'
echo 's = kernel_string(a, "x") . user_string(a, "y") . symname(a) . symdata(a) . modname(a)')
writes=$(for w in 'char' 'short' 'int' 'long' 'unsigned char' 'unsigned short' 'unsigned int' 'unsigned long'; do
	echo "n++; try { @cast(a, \"$w\", \"kernel\")[0] = 1 } catch (m) { f++ }"
done
echo 'n++; try { @cast(a, "task_struct", "kernel")->in_execve = 1 } catch (m) { f++ }')
common='global hits, bad
function address(i) {
	if (i == 0) return 0
	if (i == 1) return 1
	if (i == 2) return -1
	if (i == 3) return 0x4141414141414141
	if (i == 4) return 0x7ffffffff000
	if (i == 5) return 0x800000000000
	if (i == 6) return 0xffff7fffffffffff
	if (i == 7) return 0xffff800000000000
	if (i == 8) return -9
	return 0xffffffffff600000 - 8
}
function read_one(a) {
	n = 0; f = 0
	'"$reads"'
	return n - f + (strlen(s) > 100000) # what nobody wants is not read
}
function write_one(a) {
	n = 0; f = 0
	'"$writes"'
	return n - f
}
function abuse(what) {
	hits[what]++
	a = address(hits[what] % 10)
	n = read_one(a)
	if (n) bad["read", what, a] = n
	n = write_one(a)
	if (n) bad["write", what, a] = n
}'
work
module values -g --suppress-handler-errors -DSTP_NO_OVERLOAD -DMAXSKIPPED=1000000000 -e "$common"'
probe kernel.function("vfs_read") { abuse("task") }
probe kernel.function("vfs_read").return { abuse("return") }
probe timer.ms(7) { abuse("timer") }
probe kernel.trace("irq_handler_entry") { abuse("irq") }
probe kernel.trace("softirq_entry") { abuse("softirq") }
probe kernel.trace("timer_expire_entry") { abuse("callback") }
probe kernel.trace("sched_switch") { if (hits["switch"] < 2000) abuse("switch") }
probe kernel.function("handle_mm_fault") { abuse("fault") }
probe kernel.function("try_to_wake_up") { abuse("wake") }
probe end { foreach (k in hits+) printf("%s %d\n", k, hits[k]) foreach ([w, k, a] in bad) printf("BAD %s %s %x %d\n", w, k, a, bad[w, k, a]) }'
run values 15
rest
cat values.out values.err
lacks values.out BAD
for k in task return timer irq softirq callback switch fault wake; do
	has values.out "^$k [0-9]+$"
done
