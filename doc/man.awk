# Makes the man page's list of options from src/options.def: awk -f man.awk options.def tapx.1.in
FNR == NR {
	if (!match($0, /^OPT\(/) || $0 ~ /, LATER, / || $0 ~ /NULL\)$/)
		next
	short = long = argument = ""
	if (match($0, /^OPT\('.'/))
		short = substr($0, 6, 1)
	rest = $0
	sub(/^OPT\([^,]*, /, "", rest)
	if (match(rest, /^"[^"]*"/))
		long = substr(rest, 2, RLENGTH - 2)
	sub(/^[^,]*, [A-Z_]*, [a-z_]*, /, "", rest)
	if (match(rest, /^"[^"]*"/))
		argument = substr(rest, 2, RLENGTH - 2)
	sub(/^[^,]*, "/, "", rest)
	sub(/"\)$/, "", rest)
	names = short != "" ? "\\-" short : ""
	if (long != "")
		names = names (names != "" ? ", " : "") "\\-\\-" long
	text = text ".TP\n.BI \"" names (argument != "" ? (short != "" ? " " : "=") "\" " argument : "\"") "\n" rest "\n"
	next
}
/^@OPTIONS@/ { printf "%s", text; next }
{ print }
