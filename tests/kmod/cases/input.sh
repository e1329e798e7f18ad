# where: guest
# check: 6.1
# What is typed, by characters and by lines, in pieces; the same on both paths.
. "$LIB"
cat > x.stp <<'END'
global n
probe input.char { if (char == "x") printf("x at %d\n", n); n++ }
probe input.line { printf("%d:%s", strlen(line), line) }
probe input.line { if (line == "quit\n") exit() }
probe input.line { println("after exit") }
probe end { printf("%d\n", n) }
END
type_it() {
	printf 'one\ntw'
	sleep 1
	printf 'o xx\n\nfine\nquit\nnot seen\n'
	sleep 1
}
cat > want <<'END'
4:one
after exit
x at 8
x at 9
7:two xx
after exit
1:
after exit
5:fine
after exit
5:quit
22
END
type_it | "$TAPX" x.stp > got 2> err || fail "status $?: $(cat err)"
same want got
type_it | "$(dirname "$WL")/tapx" --runtime=ftrace x.stp > got 2> err || fail "ftrace: status $?: $(cat err)"
same want got
END=$(printf '%0600d' 7)
printf '%s\nquit\n' "$END" | "$TAPX" -e 'probe input.line { printf("%d\n", strlen(line)); if (line == "quit\n") exit() }' > got 2> err || fail "status $?: $(cat err)"
printf '511\n5\n' > want
same want got
