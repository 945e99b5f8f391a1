# Node and the npm packages, from package-lock.json, into the checkout.

# prepare_node: node_modules as the lock file says, untouched when it is so already. Sets PATH to the checkout's tools.
prepare_node() {
	export PATH="$root/node_modules/.bin:$PATH"
	stamp=$root/node_modules/.slipway-lock
	wanted=$(sha256sum "$root/package-lock.json" | cut -c 1-64)
	if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ]; then return; fi
	command -v npm >/dev/null || fail 3 "npm is missing: install Node 20 or newer, with npm"
	major=$(node --version | sed 's/^v\([0-9]*\).*/\1/')
	[ "$major" -ge 20 ] || fail 3 "this Node is $(node --version): install Node 20 or newer"
	timed "npm packages" npm --prefix "$root" ci --no-fund --no-audit --loglevel=error
	printf '%s\n' "$wanted" >"$stamp"
}
