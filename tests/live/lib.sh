# SPDX-License-Identifier: GPL-2.0-or-later
# For the cases of the live tests: . "$LIB"

# fail TEXT: end the case.
fail() {
	printf 'FAIL: %s\n' "$*"
	exit 1
}

skip() {
	echo "$*"
	exit 77
}

# same WANT GOT: the files must be equal.
same() {
	if ! diff -u "$1" "$2" > same.diff; then
		head -n 40 same.diff
		fail "$2 differs from $1"
	fi
	[ -s "$1" ] || fail "$1 is empty: nothing was compared"
}

# has FILE PATTERN, lacks FILE PATTERN (extended regular expressions)
has() {
	grep -Eq -- "$2" "$1" || { head -n 20 "$1"; fail "$1 lacks: $2"; }
}
lacks() {
	! grep -Eq -- "$2" "$1" || { grep -E -- "$2" "$1" | head -n 5; fail "$1 has: $2"; }
}

# lines FILE N: exactly N lines
lines() {
	n=$(wc -l < "$1")
	[ "$n" -eq "$2" ] || { head -n 10 "$1"; fail "$1 has $n lines, not $2"; }
}

# wait_for FILE PATTERN: at most 20 s
wait_for() {
	i=0
	while ! grep -Eq -- "$2" "$1" 2>/dev/null; do
		sleep 0.1
		i=$((i + 1))
		[ $i -lt 200 ] || { cat "$1"; fail "$1 never had: $2"; }
	done
}

kernel_at_least() {
	[ "$(printf '%s\n%s\n' "$1" "$(uname -r)" | sort -V | head -n 1)" = "$1" ]
}

# ends STATUS MESSAGE OPTION...: one run with these options ends so and says that; output and messages are in got and err
ends() {
	want=$1 message=$2
	shift 2
	"$TAPX" "$@" > got 2> err
	code=$?
	[ $code -eq "$want" ] || fail "status $code: $* $(cat err)"
	has err "$message"
}
