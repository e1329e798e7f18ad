# where: guest host
# Reading a user program's memory: pointers to nothing, text and numbers that are there, empty and 0.
. "$LIB"
"$TAPX" -e '
probe process("'$UWL'").function("look") {
	try { t = user_string(pointer_arg(1)) } catch { t = "fault" }
	try { n = sprint(user_long_error(pointer_arg(2))) } catch { n = "fault" }
	printf("%s %s\n", t == "" ? "[]" : t, n)
	if (t == "fault" && (user_long(pointer_arg(2)) != 0 || user_string(pointer_arg(1), "none") != "none" ||
			     user_string_nofault(pointer_arg(1)) != ""))
		println("not forgiven")
}' -c "$UWL faults" -o got > want || fail "status $?"
same want got
lines got 7
