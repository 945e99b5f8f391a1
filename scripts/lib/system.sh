# What has to come from the system's package manager.

# prepare_system: installs missing Debian packages, or says the one command that does and ends with 3.
prepare_system() {
	missing=$(missing_packages)
	if [ -z "$missing" ] && have_package_lists; then return; fi
	command -v apt-get >/dev/null || fail 3 "this is not a Debian-like system: install the programs of: $missing"
	install="apt-get install --yes --no-install-recommends $missing"
	if [ -z "$missing" ]; then install=true; fi
	can_be_root || fail 3 "Some system packages are missing. Run this, then the script again:
  sudo sh -c 'apt-get update && $install'"
	say "Installing system packages: ${missing:-package lists only}"
	# shellcheck disable=SC2086 # a list of words
	timed "apt-get" as_root env DEBIAN_FRONTEND=noninteractive sh -c "apt-get update -q && $install"
}

missing_packages() {
	missing=
	for pair in skopeo:skopeo debootstrap:debootstrap flock:util-linux setpriv:util-linux git:git tar:tar bsdtar:libarchive-tools make:make zsh:zsh fish:fish groff:groff-base chromium:chromium; do
		program=${pair%%:*}
		if ! PATH="$PATH:/usr/sbin:/sbin" command -v "$program" >/dev/null; then missing="$missing ${pair#*:}"; fi
	done
	# What dockerd is linked with, and the least of systems lacks.
	if ! /sbin/ldconfig -p | grep -q libdevmapper.so.1.02.1; then missing="$missing libdevmapper1.02.1"; fi
	if [ ! -r /etc/ssl/certs/ca-certificates.crt ]; then missing="$missing ca-certificates"; fi
	echo "$missing" | tr ' ' '\n' | sort -u | tr '\n' ' ' | sed 's/^ *//; s/ *$//'
}

# Debian tools are unpacked from their packages, for which apt must know where they are.
have_package_lists() {
	{ [ -x "$(tools_dir)/bin/runc" ] && [ -x "$(tools_dir)/docker-engine/dockerd" ]; } ||
		apt-cache show runc busybox-static docker-registry docker.io containerd tini >/dev/null 2>&1
}
