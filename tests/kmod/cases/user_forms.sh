# where: guest
# What only a module can read of a mark: an argument at an address with an index register.
. "$LIB"
"$TAPX" -e 'probe process("'$UWL'").mark("many") { printf("mark many %d 1\n", $arg1) }' -c "$UWL marks 40" -o got > said ||
	fail "status $?"
grep '^mark many' said > want
same want got
lines got 40
