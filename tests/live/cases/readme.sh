# where: guest
# The one-liners of the README run, each as it stands there.
. "$LIB"
tapx() {
	"$TAPX" --runtime=ftrace -T 0.4 "$@" # a compiler is slow in the guest
}
grep '^tapx -' "$TESTS/../../README.md" | grep -v -e ' -p4 ' -e 'kernel.statement' > lines # those have cases of their own
command -v python3 > out || sed -i /python3/d lines
[ "$(wc -l < lines)" -ge 10 ] || fail 'the README has fewer than ten one-liners'
while read -r line; do
	eval "$line" > out 2> err < /dev/null || fail "$line: $(cat err)"
	[ ! -s err ] || fail "$line: $(cat err)"
done < lines
