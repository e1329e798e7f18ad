# SPDX-License-Identifier: GPL-2.0-or-later
# big.awk: prints a script of about 1,000 lines with many names, for timing the front end: awk -f big.awk /dev/null
BEGIN {
	for (i = 0; i < 60; i++) {
		printf "global count%d, seen%d[100], total%d, last%d = \"none\"\n", i, i, i, i
		printf "function weigh%d(x, name) {\n\tif (x > %d)\n\t\treturn x * 2 + %d\n", i, i, i
		printf "\treturn strlen(name . \"%d\") + %s\n}\n", i, i ? "weigh" (i - 1) "(x - 1, name)" : "x"
		printf "probe timer.ms(%d) {\n\tfor (i = 0; i < 10; i++) {\n", 100 + i
		printf "\t\tcount%d++\n\t\tseen%d[i, execname()] = weigh%d(i, execname())\n", i, i, i
		printf "\t\ttotal%d <<< i * %d + (pid() & 0xff)\n\t}\n", i, i
		printf "\tlast%d = sprintf(\"%%d:%%s\", count%d, execname())\n}\n", i, i
	}
	print "probe end {"
	for (i = 0; i < 60; i++)
		printf "\tforeach ([k, n] in seen%d- limit 3)\n\t\tprintf(\"%%d %%s %%d\\n\", k, n, seen%d[k, n])\n\tprintln(count%d, last%d, @count(total%d))\n", i, i, i, i, i
	print "}"
}
