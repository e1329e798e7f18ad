# SPDX-License-Identifier: GPL-2.0-or-later
# For host.sh and guest.sh. What they print are samples, one a line: "SERIES.KEY VALUE"; table.awk
# makes the table of them.
BENCH=build/bench
DRIVE=$BENCH/drive
TAPX=${TAPX:-./tapx}
# shellcheck disable=SC2034 # used by the files that read this one
LEFT='/sys/kernel/tracing/instances/tapx_*'
tmp=$(mktemp -d /dev/shm/tapx-bench.XXXXXX) || exit 1
trap 'rm -rf "$tmp"' EXIT

# m SERIES DRIVE-ARGUMENT...: one run of drive as samples, and what tapx says that it lost.
m() {
	series=$1
	shift
	: > "$tmp/err"
	if timeout -k 5 120 "$DRIVE" -e "$tmp/err" "$@" > "$tmp/keys" 2> "$tmp/why"; then
		sed "s/^/$series./" "$tmp/keys"
		sed -n "s/.*[^0-9]\([0-9][0-9]*\) \(events lost\|hits missed\).*/$series.lost \1/p" "$tmp/err"
	else
		echo "$series failed: $* : $(cat "$tmp/why" "$tmp/err" | tail -n 3 | tr '\n' ' ')" >&2
	fi
}

# passes SERIES TAPX-ARGUMENT...: what -v says that the first passes took.
passes() {
	series=$1
	shift
	"$TAPX" -v "$@" 2>&1 > /dev/null < /dev/null |
		sed -n "s/^Pass \([0-9]\): .* in \([0-9.]*\) ms.*/$series.pass\1 \2/p"
}

rounds() {
	seq "$1"
}
