# where: guest host
# Marks: arguments in registers, in memory, constants, relative to the program; the count of their users.
. "$LIB"
"$TAPX" -e 'probe process("'$UWL'").mark("one") {
	printf("%s one %d %u %s\n", "mark", $arg1, $arg2, user_string($arg3))
	if ($$parms != sprintf("$arg1=%#x $arg2=%#x $arg3=%#x", $arg1, $arg2, $arg3)) println($$parms)
}
probe process("'$UWL'").provider("uw?").mark("f*") {
	if ($$name == "forms" && $$provider == "uwl") printf("mark %s %d %d %d\n", $$name, $arg1, $arg2, $arg3)
}' -c "$UWL marks 60" -o got > want || fail "status $?"
same want got
lines got 120
"$TAPX" -e 'probe process.mark("many") { printf("%s\n", $$name) }' -c "$UWL marks 3" -o got > said || fail "status $?"
printf 'many\nmany\nmany\n' > want
same want got
[ "$(grep -c '^mark many .* 1$' said)" = 3 ] || fail "users were not counted: $(cat said)"
"$UWL" marks 3 > said
lacks said 'mark many'
