# where: guest host
# Processes and threads: they begin and end, also those that were there before; the program that they run.
. "$LIB"
"$TAPX" -e 'probe process("'$UWL'").begin { printf("begin %d\n", pid()) }
probe process("'$UWL'").end { printf("end %d\n", pid()) }
probe process("'$UWL'").thread.begin { printf("thread %d %d\n", pid(), tid()) }
probe process("'$UWL'").thread.end { printf("gone %d %d\n", pid(), tid()) }' -c "$UWL tasks 5" -o got > want || fail "status $?"
sort got > a
sort want > b
same b a
lines got 27
"$TAPX" -e 'global n, m probe process.begin { n[execname()]++ } probe process.end { m[execname()]++ }
probe end { foreach (x in n) printf("%s %d %d\n", x, n[x], m[x]) }' -c "$UWL tasks 5" -o got > /dev/null || fail "status $?"
sort got > a
printf 'true 5 5\nuwl 11 6\n' > want
same want a
mkfifo in
"$UWL" idle < in > idle.out &
exec 5> in
wait_for idle.out idle
pid=$(sed 's/idle //' idle.out)
"$TAPX" -e 'probe process("'$UWL'").begin { println("begin ", pid(), " ", execname()) }
probe process('"$pid"').begin { println("this ", pid()) }
probe process('"$pid"').end { println("end ", pid()) exit() }
probe process("/bin/true").end { println("true ", execname()) }' -o got 5>&- &
tapx=$!
wait_for got begin
/bin/true
exec 5>&-
wait $tapx
[ "$(grep -c "^begin $pid uwl" got)" = 1 ] || fail "begin: $(cat got)"
[ "$(grep -c "^this $pid" got)" = 1 ] || fail "this: $(cat got)"
[ "$(grep -c "^end $pid" got)" = 1 ] || fail "end: $(cat got)"
has got '^true true'
