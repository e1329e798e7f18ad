# where: guest
# The one-liners of the README run, each as it stands there.
. "$LIB"
tapx() {
	"$TAPX" -T 0.4 "$@"
}
grep '^tapx -' "$TESTS/../../README.md" | grep -v -- ' -p4 ' > lines # which has its own cases
command -v python3 > out || sed -i /python3/d lines
[ "$(wc -l < lines)" -ge 10 ] || fail 'the README has fewer than ten one-liners'
while read -r line; do
	eval "$line" > out 2> err < /dev/null || fail "$line: $(cat err)"
	[ ! -s err ] || fail "$line: $(cat err)"
done < lines
