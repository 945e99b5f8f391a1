# Sets up a checkout. Callers set `root` to the checkout's directory.
lib_dir=$root/scripts/lib
. "$lib_dir/common.sh"
. "$lib_dir/node.sh"
. "$lib_dir/tools.sh"
. "$lib_dir/system.sh"
. "$lib_dir/base-images.sh"

# prepare_worker: all that a BuildKit worker on this machine needs.
prepare_worker() {
	can_be_root || fail 3 "BuildKit workers need root. Run:
  sudo $0"
	prepare_system
	prepare_tools
	prepare_docker_engine
	prepare_base_images
	link_tools
}

# Keyed by the Go version too: it is in the images.
prepare_base_images() {
	check_go
	images=$tools/base-images
	marker=$images/.go-version
	if [ -f "$marker" ] && [ "$(cat "$marker")" = "$(go env GOVERSION)" ]; then return; fi
	(
		flock 9
		if [ -f "$marker" ] && [ "$(cat "$marker")" = "$(go env GOVERSION)" ]; then exit; fi
		timed "base images (Debian, busybox, Go)" run_make_base_images
	) 9>"$tools_base/.lock"
}

run_make_base_images() {
	as_root env "PATH=$PATH:/usr/sbin:/sbin" "SSL_CERT_FILE=${SSL_CERT_FILE:-}" "GOVERSION=$(go env GOVERSION)" \
		"GO_ARCH=$(go env GOARCH)" sh "$lib_dir/make-base-images.sh" \
		"$images" "$tools/bin" "$(go env GOROOT)" "$(version_of debian)"
}
