# where: guest host
# Functions of a program and of its library, by symbols: entry, return, arguments, text, values of the entry.
. "$LIB"
"$TAPX" -e 'probe process("'$UWL'").function("add") {
	printf("add %d %s %d %d %d\n", int_arg(1), user_string(pointer_arg(2)), int_arg(7), long_arg(8),
	       int_arg(1) + strlen(user_string(pointer_arg(2))) + int_arg(3) + int_arg(4) + long_arg(5) +
	       uint_arg(6) + int_arg(7))
}
probe process("'$UWL'").library("libuwl.so").function("{uwl_triple,nothing}").return {
	printf("triple %d %d\n", long_arg(1), returnval())
}' -c "$UWL calls 50" -o got > want || fail "status $?"
same want got
lines got 100
"$TAPX" -e 'global n probe process.function("add").return, process.library("*uwl*").function("*").return {
	if (@entry(user_mode()) && probefunc() != "") n[ppfunc(), returnval() == @entry(long_arg(1)) * 3]++
}
probe end { foreach ([f, x] in n) printf("%s %d %d\n", f, x, n[f, x]) }' -c "$UWL calls 20" -o got > /dev/null || fail "status $?"
sort got > sorted
printf 'add 0 20\nhidden 1 20\nuwl_triple 0 20\n' > want
grep '^add\|^hidden\|^uwl' sorted > known
same want known
# only those that are meant: a process by its number; what another one does is not shown
mkfifo in
"$UWL" idle < in > idle.out &
exec 5> in
wait_for idle.out idle
pid=$(sed 's/idle //' idle.out)
"$TAPX" -e 'probe begin { println("ready") } probe process('"$pid"').function("add") { println("own ", pid()) }
probe process("'$UWL'").function("add") { println("any ", pid()) }' -o got 5>&- &
tapx=$!
wait_for got ready
sleep 1
"$UWL" calls 2 > /dev/null
echo >&5
wait_for got "any $pid"
sleep 1
kill -INT $tapx
wait $tapx
exec 5>&-
[ "$(grep -c "^own $pid" got)" = 3 ] || fail "own: $(cat got)"
[ "$(grep -c '^any' got)" = 5 ] || fail "any: $(cat got)"
