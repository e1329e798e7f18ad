# where: guest
# check: 6.1
# The stacks of programs: by frame pointers, with the files that they are in; registers of the interrupted
# program, and of one that is in the kernel.
. "$LIB"
nm -S "$WL" | sed -n 's/ [tT] / /p' > symbols
# The names of the functions that the addresses on a line are in.
names() {
	awk 'function hex(s,	i, v) {
		for (i = 1; i <= length(s); i++)
			v = v * 16 + index("0123456789abcdef", substr(s, i, 1)) - 1
		return v
	}
	NR == FNR { if (NF == 3) { from[$3] = hex($1); to[$3] = from[$3] + hex($2) } next }
	{
		line = ""
		for (i = 1; i <= NF; i++)
			for (f in from)
				if (hex($i) > from[f] && hex($i) < to[f] && f ~ /^(spin_|main$)/)
					line = line f " "
		print line
	}' symbols "$1"
}
"$TAPX" -DMAXSKIPPED=9999 -G target_file="$WL" -e 'global n, target_file = ""
probe timer.profile.freq.hz(100) {
	if (pid() != target() || !user_mode() || n == 30 || umodname(uaddr()) != target_file) next
	n++
	printf("%s| %s|%d %d %d %s\n", str_replace(sprint_ubacktrace(), "\n", ";"), ubacktrace(), uaddr() == register("rip"),
	       u_register("rsp") == register("rsp"), ustack(1) == strtol(ucallers(2), 16), umodname(uaddr()))
	if (n == 20) {
		print_ubacktrace()
		println("brief") print_ubacktrace_brief()
		println("usyms") print_usyms(ubacktrace())
		println("done")
		printf("data %s\nname %s\nno %s %s\n", usymdata(uaddr()), usymname(uaddr()), umodname(1), usymdata(1))
	}
}' -c "$WL spin 2000" -o got > /dev/null 2> err || fail "status $?: $(cat err)"
grep '|' got | sed 's/|.*//; s/0x\([0-9a-f]*\) \[[^ ]*\/wl+0x[0-9a-f]*\];/\1 /g' > frames
names frames | grep -q '^spin_here spin_there main ' || { names frames; fail "$(cat got)"; }
has got "\|1 1 0 $WL\$"
sed -n '/^brief/,/^usyms/p' got | grep -c '^0x' > n
[ "$(cat n)" -ge 3 ] || fail "$(cat got)"
sed -n '/^usyms/,/^done/{/^ /p}' got > a
grep '^ 0x' got | head -n "$(wc -l < a)" > b
same a b
has got "^data 0x[0-9a-f]+ \[$WL\+0x[0-9a-f]+\]\$"
has got '^name 0x[0-9a-f]+$'
has got '^no <unknown> 0x1$'
"$TAPX" -e 'probe kernel.function("do_sys_openat2") {
	if (pid() != target() || user_string($filename, "") != "/tapx-wl/3") next
	printf("%d %d\n", user_mode(), uaddr() == u_register("rip"))
	print_ubacktrace()
	exit()
} probe timer.ms(10) { if (0) print_ubacktrace() }' -c "$WL open 5" -o got > /dev/null 2> err || fail "status $?: $(cat err)"
has got '^0 1$'
has got '^ 0x[0-9a-f]+ \[/.*\+0x[0-9a-f]+\]$'
"$TAPX" -e 'probe begin { printf("%d\n", uaddr() > 0) print_ubacktrace() exit() }' -o got > /dev/null 2> err || fail "status $?: $(cat err)"
has got '^1$'
