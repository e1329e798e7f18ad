# where: guest host
# Scenario 11: -c, its exit status, -x, -T, -o; target(); scenario 13: script arguments.
. "$LIB"
"$TAPX" -e 'probe begin { printf("%d\n", target() > 0) }' -c true > out 2> err || fail "status $?: $(cat err)"
echo 1 > want
same want out
"$TAPX" -e 'probe begin { }  probe end { println("end") }' -c 'sh -c "exit 3"' > out 2> err && fail 'a failing command gave status 0'
has err 'status 3'
has out end
"$TAPX" -e 'probe begin { println(target()) exit() }' -x $$ > out || fail "status $?"
echo $$ > want
same want out
"$TAPX" -e 'probe begin { println(target()) exit() }' -x 999999999 > out 2> err && fail 'a missing process was taken'
has err 'no such process'
start=$(date +%s%N)
"$TAPX" -T 0.5 -e 'global n; probe timer.ms(10) { n++ } probe end { println(n > 20 && n < 52) }' > out || fail "status $?"
took=$((($(date +%s%N) - start) / 1000000))
[ $took -ge 500 ] && [ $took -lt 3000 ] || fail "-T 0.5 took $took ms"
"$TAPX" -e 'probe begin { printf("%d %s %d %s\n", $1 + $2, @3, $#, @#) exit() }' 0x10 47 'a b' > out || fail "status $?"
echo '63 a b 3 3' > want
same want out
"$TAPX" -o 'out-%Y' -e 'probe begin { println("x") exit() }'
echo x > want
same want "out-$(date +%Y)"
