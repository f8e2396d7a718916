# SPDX-License-Identifier: Apache-2.0
# The part of the Kconfig language that this project uses: config, menu, if, source, bool, int,
# string, default [if], range, depends on (symbols joined by &&, with !), help.

function die(text) {
	print "kconfig: " text > "/dev/stderr"
	failed = 1
	exit 1
}

function unquote(s) {
	if (s ~ /^".*"$/)
		return substr(s, 2, length(s) - 2)
	return s
}

function indent(line,   n, i, c) {
	n = 0
	for (i = 1; i <= length(line); i++) {
		c = substr(line, i, 1)
		if (c == "\t")
			n = n - n % 8 + 8
		else if (c == " ")
			n++
		else
			break
	}
	return n
}

function join_and(a, b) {
	if (a == "" || b == "")
		return a b
	return a " && " b
}

function true(expr,   parts, n, i, s, negate) {
	n = split(expr, parts, /[ \t]*&&[ \t]*/)
	for (i = 1; i <= n; i++) {
		s = parts[i]
		negate = sub(/^![ \t]*/, "", s)
		if (!(s in type))
			die("unknown symbol " s " in: " expr)
		if (!(s in value) && !(s in done))
			die("symbol " s " is used before it is declared, in: " expr)
		if ((value[s] == "y") == (negate != 0))
			return 0
	}
	return 1
}

function parse(file,   line, where, n, word, rest, sym, help, keep_if) {
	keep_if = ifs
	while ((getline line < file) > 0) {
		where = file ":" ++n ": "
		if (help >= 0 && help != "") {
			if (line ~ /^[ \t]*$/ || indent(line) > help)
				continue
			help = ""
		}
		if (line ~ /^[ \t]*(#.*)?$/)
			continue
		rest = line
		sub(/^[ \t]+/, "", rest)
		sub(/[ \t]+$/, "", rest)
		word = rest
		sub(/[ \t].*/, "", word)
		sub(/^[^ \t]+[ \t]*/, "", rest)
		if (word == "mainmenu" || word == "menu" || word == "endmenu" || word == "comment") {
			sym = ""
		} else if (word == "source") {
			parse(unquote(rest))
		} else if (word == "if") {
			ifs = join_and(ifs, rest)
		} else if (word == "endif") {
			if (!sub(/( && )?[^&]*$/, "", ifs))
				die(where "endif without if")
		} else if (word == "config") {
			sym = rest
			if (sym in type)
				die(where sym " is declared twice")
			order[++count] = sym
			type[sym] = "?"
			needs[sym] = ifs
		} else if (sym == "") {
			die(where "not understood: " line)
		} else if (word == "bool" || word == "int" || word == "string") {
			type[sym] = word
		} else if (word == "default") {
			defaults[sym] = defaults[sym] rest "\n"
		} else if (word == "range") {
			split(rest, bound, /[ \t]+/)
			low[sym] = bound[1]
			high[sym] = bound[2]
		} else if (word == "depends") {
			sub(/^on[ \t]+/, "", rest)
			needs[sym] = join_and(needs[sym], rest)
		} else if (word == "help") {
			help = indent(line)
		} else {
			die(where "not understood: " line)
		}
	}
	close(file)
	ifs = keep_if
	if (!n)
		die("cannot read " file)
}

function read_values(file,   line, sym, v, n) {
	while ((n = (getline line < file)) > 0) {
		if (line ~ /^# CONFIG_[A-Z0-9_]+ is not set$/) {
			sym = line
			sub(/^# CONFIG_/, "", sym)
			sub(/ is not set$/, "", sym)
			v = "n"
		} else if (line ~ /^CONFIG_[A-Z0-9_]+=/) {
			sym = v = line
			sub(/^CONFIG_/, "", sym)
			sub(/=.*/, "", sym)
			sub(/^[^=]*=/, "", v)
		} else if (line ~ /^(#.*)?$/) {
			continue
		} else {
			die(file ": not understood: " line)
		}
		if (!(sym in type))
			print "kconfig: " file ": there is no CONFIG_" sym " (any more)" > "/dev/stderr"
		given[sym] = unquote(v)
	}
	if (n < 0)
		die("cannot read " file)
}

function default_of(sym,   lines, n, i, v, cond) {
	n = split(defaults[sym], lines, "\n")
	for (i = 1; i < n; i++) {
		v = cond = lines[i]
		if (sub(/^.*[ \t]if[ \t]+/, "", cond)) {
			if (!true(cond))
				continue
			sub(/[ \t]if[ \t]+.*$/, "", v)
		}
		return unquote(v)
	}
	return type[sym] == "bool" ? "n" : type[sym] == "int" ? "0" : ""
}

function check(sym, v) {
	if (type[sym] == "bool" && v != "y" && v != "n")
		die("CONFIG_" sym "=" v ": y or n expected")
	if (type[sym] == "int" && v !~ /^-?[0-9]+$/)
		die("CONFIG_" sym "=" v ": a number expected")
	if ((sym in low) && (v + 0 < low[sym] + 0 || v + 0 > high[sym] + 0))
		die("CONFIG_" sym "=" v ": " low[sym] " to " high[sym] " expected")
}

function emit(sym, v,   name) {
	name = "CONFIG_" sym
	if (type[sym] == "bool" && v == "n") {
		print "# " name " is not set" > config
		return
	}
	if (type[sym] == "string")
		v = "\"" v "\""
	print name "=" v > config
	print name " := " v > mk
	print "#define " name " " (v == "y" ? "1" : v) > header
}

BEGIN {
	config = out "/.config.new"
	mk = out "/include/config.mk.new"
	header = out "/include/config.h.new"
	parse("Kconfig")
	read_values(values)
	print "# Made by scripts/kconfig; change it with make menuconfig" > config
	print "# Made from .config" > mk
	print "/* SPDX-License-Identifier: Apache-2.0 */\n/* Made from .config */\n#pragma once\n" > header
	for (i = 1; i <= count; i++) {
		sym = order[i]
		if (type[sym] == "?")
			die("CONFIG_" sym " has no type")
		if (!true(needs[sym])) {
			done[sym] = 1
			continue
		}
		v = (sym in given) ? given[sym] : default_of(sym)
		check(sym, v)
		value[sym] = v
		emit(sym, v)
	}
	exit 0
}

END {
	exit failed
}
