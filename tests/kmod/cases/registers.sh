# where: guest
# check: 6.12
# Registers, arguments by number, also in functions, in return probes and beyond registers; addresses.
. "$LIB"
"$TAPX" -e 'function third() { return ulong_arg(3) }
probe kernel.function("vfs_read") {
	if (pid() != target() || $count > 40) next
	printf("%d %d %d %d %d\n", $count, register("rdx"), third(), uint_arg(3), pointer_arg(2) == $buf)
}
probe kernel.function("vfs_read").return {
	if (pid() == target() && $return == 5) { printf("return %d %d %s %d\n", ulong_arg(3), @entry($count), symname(addr()), is_return()) print_regs() }
}' -c "$WL read 40" -o got > /dev/null 2> err || fail "status $?: $(cat err)"
grep '^[0-9]' got > n
seq 1 40 | awk '{ print $1, $1, $1, $1, 1 }' > want
same want n
has got '^return 5 5 vfs_read 1$'
has got '^rax: 0{15}5 rbx: '
"$TAPX" -e 'probe kernel.trace("sys_enter") { if (pid() == target() && $id == 0) { printf("%s %s %d %d\n", $$name, $$parms, $id, $regs->dx); exit() } }' -c "$WL read 9" -o got > /dev/null 2> err || fail "status $?: $(cat err)"
has got '^sys_enter regs=0xffff[0-9a-f]+ id=0x0 0 '
"$TAPX" -e 'probe kernel.function("vfs_read").return { if (pid() == target() && $return == 5) { try { println(kernel_long(@entry($buf))) } catch (m) { println(m) } try { println(@entry(kernel_long($count))) } catch (m) { println(m) } exit() } }' -c "$WL read 9" -o got > /dev/null 2> err || fail "status $?: $(cat err)"
has got '^kernel read fault at 0x0000(7f|00)'
has got '^kernel read fault at 0x0000000000000005$'
"$TAPX" -e 'probe kernel.function("vfs_read") {} probe kernel.function("asm_exc_int3") { exit() }' > got 2> err && fail 'a probe where none can be gave status 0'
has err "^<input>:1:44: error: cannot probe 'asm_exc_int3': the kernel forbids probes there"
