# SPDX-License-Identifier: GPL-2.0-or-later
#
# The dictionary of the fuzz targets, from the tables of the frontend: every operator and every
# built-in, and what stands in no table: keywords and the words with an @.
function entry(s) {
	gsub(/[\\"]/, "\\\\&", s)
	if (s != "" && !seen[s]++)
		print "\"" s "\""
}
/^OP\(/ { split($0, part, "\""); entry(part[2]) }
/^BUILTIN\(/ { split($0, part, /, */); entry(part[2] "(") }
END {
	n = split("probe global private function if else for foreach in limit return delete while break " \
		"continue next string long try catch @define @cast( @defined( @probewrite( @entry( @var( " \
		"@count( @sum( @min( @max( @avg( @variance( @hist_log( @hist_linear( ->  $x $$parms $return " \
		"%( %? %: %) %{ %} $1 @1 $# @# =~ !~ begin end error never timer.ms( kernel.function( " \
		"process( ** ? ! // /* */ kernel_v arch guru_mode CONFIG_HZ", word, / +/)
	for (i = 1; i <= n; i++)
		entry(word[i])
}
