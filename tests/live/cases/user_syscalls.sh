# where: guest host
# System calls of one program: number, arguments, result.
. "$LIB"
"$TAPX" -e 'global last
probe process("'$UWL'").syscall { if ($syscall == 3 && $arg1 >= 1000)
	last[tid()] = sprintf("close %d %d %d %d %d %d", $arg1, $arg2, $arg3, $arg4, $arg5, $arg6) }
probe process("'$UWL'").syscall.return { if ($syscall == 3 && last[tid()] != "") {
	printf("%s %d\n", last[tid()], $return)
	delete last[tid()]
} }' -c "$UWL system 40" -o got > want || fail "status $?"
same want got
lines got 40
"$TAPX" -e 'global n probe process.syscall { n[$syscall == 3 && $$parms == "$arg1=0x3e8 $arg2=0x2 $arg3=0x3 $arg4=0x4 $arg5=0x5 $arg6=0x6"]++ }
probe end { println(n[1]) }' -c "$UWL system 1" -o got > /dev/null || fail "status $?"
echo 1 > want
same want got
