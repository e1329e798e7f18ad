# where: guest host
# Scenario 1 and 28: begin, exit, end; exit codes; no root needed.
. "$LIB"
"$TAPX" -e 'probe begin { print("hello world\n") exit() }' > out || fail "status $?"
echo 'hello world' > want
same want out
setpriv --reuid 1000 --regid 1000 --clear-groups "$TAPX" -e 'probe begin { print("hello world\n") exit() }' > out ||
	fail "as a user: status $?"
same want out
"$TAPX" -e 'probe begin { println("b") error("stop") } probe end { println("end") } probe error { println("error") }' > out 2> err &&
	fail 'an error gave status 0'
printf 'b\nerror\n' > want
same want out
has err 'ERROR: stop'
"$TAPX" -e 'probe end { println("end") } probe timer.ms(50) { println("tick") exit() println("after exit") }' > out || fail "status $?"
printf 'tick\nafter exit\nend\n' > want
same want out
