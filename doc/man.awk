# Makes the man page's lists of options: awk -f man.awk options.def taprun.def tapx.1.in
FILENAME ~ /\.def$/ {
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
	sub(/^("[^"]*"|NULL), "/, "", rest)
	sub(/"\)$/, "", rest)
	gsub(/\\"/, "\"", rest)
	names = short != "" ? "\\-" short : ""
	if (long != "")
		names = names (names != "" ? ", " : "") "\\-\\-" long
	text[FILENAME] = text[FILENAME] ".TP\n.BI \"" names (argument != "" ? (short != "" ? " " : "=") "\" \"" argument : "") "\"\n" rest "\n"
	next
}
/^@OPTIONS@/ { printf "%s", text[ARGV[1]]; next }
/^@TAPRUN@/ { printf "%s", text[ARGV[2]]; next }
{ print }
