# SPDX-License-Identifier: GPL-2.0-or-later
#
# Samples ("SERIES.KEY VALUE", in the order of the rounds) -> the table described by the file `rows`,
# as far as there are samples for it. After the median stand the least and the most of the rounds.

NF == 2 {
	v[$1, ++n[$1]] = $2
}

# The i-th sample of "NAME" or "NAME*FACTOR"; what was not reported lost is 0.
function at(name, i,	part) {
	split(name, part, "*")
	return v[part[1], i] * (part[2] ? part[2] : 1)
}

function count(name) {
	sub(/\*.*/, "", name)
	if (name ~ /\.lost$/ && !n[name]) {
		sub(/lost$/, "call_ns", name)
	}
	return n[name]
}

function rate(s, i) {
	return v[s ".lines", i] / v[s ".work_cpu_ms", i]
}

function one(kind, o, i) {
	if (kind == "value") return at(o[1], i)
	if (kind == "ratio") return at(o[1], i) / at(o[2], i)
	if (kind == "added") return (at(o[1], i) - at(o[2], i)) / (at(o[3], i) - at(o[2], i))
	if (kind == "less") return at(o[1], i) - at(o[2], i)
	if (kind == "short") return at(o[1], i) > at(o[2], i) ? at(o[1], i) - at(o[2], i) : 0
	if (kind == "sum") return at(o[1], i) + at(o[2], i)
	if (kind == "per") return at(o[1], i) / at(o[2], i)
	if (kind == "rates") return rate(o[1], i) / rate(o[2], i)
	if (kind == "inverse") return 1e3 / at(o[1], i)
	if (kind == "drain")
		return v["drain.calls", i] / 1e3 / v["drain." o[1] ".drain_cpu_ms", i]
}

# How many rounds have all operands of this row.
function rounds(kind, o, m,	least, k, c) {
	if (kind == "drain")
		return n["drain." o[1] ".drain_cpu_ms"]
	least = 1e9
	for (k = 1; k <= m; k++) {
		c = count(kind == "rates" ? o[k] ".lines" : o[k])
		if (c < least)
			least = c
	}
	return least
}

function sort(x, m,	i, j, t) {
	for (i = 2; i <= m; i++) {
		t = x[i]
		for (j = i - 1; j >= 1 && x[j] > t; j--)
			x[j + 1] = x[j]
		x[j + 1] = t
	}
}

function number(x) {
	return x >= 1000 ? sprintf("%.0f", x) : x >= 100 ? sprintf("%.0f", x) : sprintf("%.3g", x)
}

function verdict(value, op, goal) {
	if (op == "-")
		return ""
	if (op == "<=" ? value <= goal : op == "<" ? value < goal : value >= goal)
		return "ok"
	return "MISSED"
}

function row(kind, operands, goal, what,	o, m, g, i, k, x, mid, unit) {
	m = split(operands, o, " ")
	k = rounds(kind, o, m)
	if (k < 1)
		return
	for (i = 1; i <= k; i++)
		x[i] = one(kind, o, i)
	sort(x, k)
	mid = k % 2 ? x[(k + 1) / 2] : (x[k / 2] + x[k / 2 + 1]) / 2
	split(goal, g, " ")
	unit = g[1] == "-" ? g[2] : g[3]
	printf("%-52s %8s %-4s %-17s %-14s %s\n", what, number(mid), unit,
	       k > 1 ? "(" number(x[1]) " .. " number(x[k]) ")" : "",
	       g[1] == "-" ? "" : "goal " g[1] " " g[2], verdict(mid, g[1], g[2]))
}

END {
	while ((getline line < rows) > 0) {
		if (line !~ /^#/ && split(line, f, "|") == 5 && f[1] == where)
			row(f[2], f[3], f[4], f[5])
	}
}
