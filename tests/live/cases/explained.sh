# where: guest
# Functions that cannot be probed say why, by name.
. "$LIB"
why() {
	"$TAPX" -e "probe kernel.function(\"$1\") { println(1) }" -T 1 > out 2> err && fail "$1 was taken"
	has err "$2"
}
why vfs_raed 'vfs_read'
why do_int3 'blacklist|notrace|cannot'
why no_such_function_at_all 'error:.*no_such_function_at_all'
init=$(awk '$3 ~ /^(start_kernel)$/ { print $3 }' /proc/kallsyms | head -n 1)
why start_kernel '__init|gone|no function|freed'
# a name that several functions share: all of them
dup=$(awk '$2 == "t" && NF == 3 { print $3 }' /proc/kallsyms | sort | uniq -d | grep -Fx -f - "$TRACEFS/available_filter_functions" | uniq -d | head -n 1)
if [ -n "$dup" ]; then
	"$TAPX" -e "probe kernel.function(\"$dup\") { println(1) } probe begin { println(\"armed\") }" -T 0.3 > out 2> err || fail "$dup: $(cat err)"
	has out armed
fi
