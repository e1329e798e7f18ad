# Turns tapset/*.stp and *.stpm into build/tapset.c: for each file its name, its text, and the names that it
# defines, so that tapx parses only the files that a script needs.
# By hand: what a backslash in a replacement of gsub() means differs between awks.
function quote(s,	i, c, out) {
	for (i = 1; i <= length(s); i++) {
		c = substr(s, i, 1)
		out = out (c == "\\" || c == "\"" ? "\\" : "") c
	}
	return out
}
function close_file() {
	if (!n++)
		return
	printf "\t;\nstatic const char *const defines%d[] = {%sNULL};\n", n - 2, defines
	rows = rows sprintf("\t{\"%s\", text%d, defines%d},\n", name, n - 2, n - 2)
}
BEGIN {
	print "/* made from tapset/ by embed.awk */"
	print "#include \"frontend/frontend.h\""
	print "extern const struct LibraryFile tapset_embedded[];"
}
FNR == 1 {
	close_file()
	name = FILENAME
	sub(/.*\//, "", name)
	defines = ""
	printf "static const char text%d[] =\n", n - 1
}
{ printf "\t\"%s\\n\"\n", quote($0) }
match($0, /^(function|global|probe)[ \t]+[A-Za-z_][A-Za-z0-9_.]*/) {
	word = substr($0, RSTART, RLENGTH)
	sub(/.*[ \t]/, "", word)
	defines = defines "\"" word "\", "
}
match($0, /^@define[ \t]+[A-Za-z_][A-Za-z0-9_]*/) {
	word = substr($0, RSTART, RLENGTH)
	sub(/.*[ \t]/, "", word)
	defines = defines "\"@" word "\", "
}
END {
	close_file()
	printf "const struct LibraryFile tapset_embedded[] = {\n%s\t{NULL, NULL, NULL}\n};\n", rows
}
