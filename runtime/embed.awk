# Turns the files of runtime/ into build/runtime.c: what a module is built from is in the binary.
function quote(s,	i, c, out) {
	for (i = 1; i <= length(s); i++) {
		c = substr(s, i, 1)
		out = out (c == "\\" || c == "\"" ? "\\" : "") c
	}
	return out
}
BEGIN {
	print "/* made from runtime/ by embed.awk */"
	print "#include \"kmod/kmod.h\""
}
FNR == 1 {
	if (n++)
		print "\t;"
	name = FILENAME
	sub(/^runtime\//, "", name)
	printf "static const char text%d[] =\n", n
	rows = rows sprintf("\t{\"%s\", text%d},\n", name, n)
}
{ printf "\t\"%s\\n\"\n", quote($0) }
END {
	print "\t;"
	printf "const KmodFile kmod_runtime[] = {\n%s\t{NULL, NULL}\n};\n", rows
}
