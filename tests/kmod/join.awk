# Joins the C of several scripts into that of one module, so that the kernel's headers are read once:
# awk -f join.awk -v runtime=DIR FILE... > group.c
#
# Each script is written out with the files of runtime/ in it, all names of file scope ending with the
# script's number; what lies in common/ knows no script and is there once. Errors of the compiler name
# the FILE. The module's beginning starts them all; each has its own files in /proc.

BEGIN {
	read_common()
	split("base fmt escape fp names regex sort stat text", part)
	for (i = 1; i in part; i++)
		print "#include \"common/" part[i] ".h\""
	split("fmt escape fp names regex sort stat hist text", part)
	for (i = 1; i in part; i++)
		print "#include \"common/" part[i] ".c\""
	for (i = 1; i < ARGC; i++)
		script(ARGV[i], i)
	print "static int (*const inits[])(void) = {"
	for (i = 1; i < ARGC; i++)
		print "\trt_init_" i ","
	print "};\nstatic void (*const exits[])(void) = {"
	for (i = 1; i < ARGC; i++)
		print "\trt_done_" i ","
	print "};\nstatic int ready[" ARGC "];"
	print "static int group_init(void)\n{\n\tint i;\n"
	print "\tfor (i = 0; i < ARRAY_SIZE(inits); i++)\n\t\tready[i] = !inits[i]();\n\treturn 0;\n}"
	print "static void group_exit(void)\n{\n\tint i;\n"
	print "\tfor (i = 0; i < ARRAY_SIZE(exits); i++)\n\t\tif (ready[i])\n\t\t\texits[i]();\n}"
	print "module_init(group_init);\nmodule_exit(group_exit);\nMODULE_LICENSE(\"GPL\");"
}

function script(file, number) {
	print "#line 1 \"" file "\""
	body(marked(file), number)
}

function include(name, number) {
	if (name ~ /^common\//)
		return
	if (!(name in kept))
		kept[name] = marked(runtime "/" name)
	body(kept[name], number)
}

function body(text, number,	name) {
	gsub(/\001/, "_" number, text)
	while (match(text, /\002[^\002]*\002/)) { # the files that it includes
		printf "%s", substr(text, 1, RSTART - 1)
		name = substr(text, RSTART + 1, RLENGTH - 2)
		text = substr(text, RSTART + RLENGTH)
		include(name, number)
	}
	printf "%s", text
}

# A line #include "x" as \002x\002.
function inclusion(line) {
	return "\002" substr(line, 11, length(line) - 11) "\002\n"
}

# The text of a file with \001 behind each name that belongs to the script.
function marked(file,	line, text) {
	while ((getline line < file) > 0) {
		if (line ~ /^#include "/)
			text = text inclusion(line)
		else if (line !~ /^(module_|MODULE_)/)
			text = text mark(line) "\n"
	}
	close(file)
	return text
}

function mark(line,	out, word) {
	while (match(line, /"([^"\\]|\\.)*"|[A-Za-z_][A-Za-z_0-9]*/)) {
		word = substr(line, RSTART, RLENGTH)
		out = out substr(line, 1, RSTART - 1) word (is_ours(word) ? "\001" : "")
		line = substr(line, RSTART + RLENGTH)
	}
	out = out line
	if (match(out, /\001(##[A-Za-z_0-9]+)+/)) # a name of several pieces ends behind the last
		out = substr(out, 1, RSTART - 1) substr(out, RSTART + 1, RLENGTH - 1) "##\001" substr(out, RSTART + RLENGTH)
	return out
}

function is_ours(word) {
	if (word ~ /^(rt|RT)_/)
		return !(word in common)
	return word == "places" || word ~ /^(probe_[0-9]+|uses_[0-9]+|[gf][0-9]+_.*|h[0-9]+|re[0-9]+(_.*)?)$/
}

# The words of the headers of common/: what they declare is there once.
function read_common(	line, cmd) {
	cmd = "cat " runtime "/common/*.h"
	while ((cmd | getline line) > 0)
		while (match(line, /[A-Za-z_][A-Za-z_0-9]*/)) {
			common[substr(line, RSTART, RLENGTH)] = 1
			line = substr(line, RSTART + RLENGTH)
		}
	close(cmd)
}
