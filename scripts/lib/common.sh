# Said to a person, on stderr like all talk; stdout keeps the result.
say() { printf '%s\n' "$*" >&2; }

# fail EXIT_CODE MESSAGE...
fail() {
	code=$1
	shift
	say "$*"
	exit "$code"
}

# version_of NAME: what scripts/versions says.
version_of() { awk -v name="$1" '$1 == name { print $2 }' "$root/scripts/versions"; }

is_root() { [ "$(id -u)" -eq 0 ]; }

can_be_root() { is_root || { command -v sudo >/dev/null && sudo -n true 2>/dev/null; }; }

# as_root COMMAND...: itself as root, else through passwordless sudo.
as_root() {
	if is_root; then "$@"; else sudo -n "$@"; fi
}

# timed WHAT COMMAND...: says what is done and how long it took. The command's own output is shown only if it fails.
timed() {
	what=$1
	shift
	say "  $what ..."
	started=$(date +%s)
	timed_log=$(mktemp)
	if "$@" >"$timed_log" 2>&1; then
		say "  $what: $(($(date +%s) - started)) s"
		rm -f "$timed_log"
	else
		timed_code=$?
		tail -n 40 "$timed_log" >&2
		rm -f "$timed_log"
		fail 3 "$what: failed with exit code $timed_code"
	fi
}
