# The real programs that tests and the demo run, built or unpacked once into the user's cache directory.

tools_base=${XDG_CACHE_HOME:-$HOME/.cache}/slipway-tools

# The twin of `toolsCache` in test/helpers/tools.ts.
tools_dir() { printf '%s/%s\n' "$tools_base" "$(sha256sum "$root/scripts/versions" | cut -c 1-12)"; }

# prepare_tools: everything in <tools>/bin. Two runs at once wait for each other.
prepare_tools() {
	tools=$(tools_dir)
	mkdir -p "$tools_base"
	if [ ! -d "$tools/bin" ]; then
		check_go
		say "Building the test tools into $tools (once; some minutes on a fresh machine)"
		(
			flock 9
			if [ ! -d "$tools/bin" ]; then build_tools; fi
		) 9>"$tools_base/.lock"
	fi
}

# link_tools: `.tools` in the checkout. Last, so that a run beside this one never meets a half of it.
link_tools() { ln -sfn "$tools" "$root/.tools"; }

check_go() {
	command -v go >/dev/null || fail 3 "Go is missing: install Go $(version_of go) or newer (https://go.dev/dl/)"
	case $(go env GOVERSION) in
	"go$(version_of go)"*) ;;
	# Go fetches another toolchain of its own from the module proxy.
	*) export GOTOOLCHAIN="go$(version_of go).0" ;;
	esac
}

build_tools() {
	staging=$(mktemp -d "$tools_base/.building.XXXXXX")
	trap 'rm -rf "$staging"' EXIT
	mkdir "$staging/bin"
	buildkit_flags="-X github.com/moby/buildkit/version.Version=$(version_of buildkit)"
	buildx_flags="-X github.com/docker/buildx/version.Version=$(version_of buildx)"
	timed "buildkitd, buildctl and Dockerfile frontend $(version_of buildkit)" go_build buildkit "$buildkit_flags"
	timed "buildx $(version_of buildx)" go_build buildx "$buildx_flags"
	timed "distribution registry $(version_of registry)" go_build registry ""
	timed "crane $(version_of crane)" go_build crane ""
	timed "versitygw $(version_of versitygw)" go_build versitygw ""
	timed "gofakes3 $(version_of gofakes3)" go_build gofakes3 ""
	timed "fake-gcs-server $(version_of fake-gcs-server)" go_build fake-gcs-server ""
	timed "runc, busybox-static and docker-registry of Debian" unpack_debian_tools
	mkdir -p "$tools"
	mv "$staging/bin" "$tools/bin"
}

# go_build NAME LDFLAGS: the tools that scripts/tools/NAME/go.mod lists, with exactly the modules of its go.sum.
go_build() {
	module=$root/scripts/tools/$1
	# shellcheck disable=SC2046 # a list of words
	CGO_ENABLED=0 GOFLAGS=-mod=readonly go build -C "$module" -buildvcs=false -trimpath -ldflags "-s -w $2" \
		-o "$staging/bin/" $(cd "$module" && go list tool)
}

# Unpacked, not installed: docker-registry would start a service, and runc and busybox-static push out their likes.
unpack_debian_tools() { unpack_packages "$staging/bin" "runc busybox docker-registry" runc busybox-static docker-registry; }

# unpack_packages INTO "PROGRAM..." PACKAGE...
unpack_packages() {
	into=$1 programs=$2
	shift 2
	# Chained, because `set -e` means nothing inside a condition, and `timed` calls this in one.
	mkdir "$staging/debian" && cd "$staging/debian" && apt-get download "$@" &&
		for package in ./*.deb; do dpkg-deb --extract "$package" . || return; done &&
		for program in $programs; do
			install -m 755 "$(find . -type f -name "$program" -path '*bin/*')" "$into/$program" || return
		done
}

# prepare_docker_engine: Debian's dockerd, its client and what they start, in <tools>/docker-engine, a directory of its
# own, so that no test meets a `docker` that it didn't ask for. Installed, the package would start its service.
prepare_docker_engine() {
	tools=$(tools_dir)
	if [ -d "$tools/docker-engine" ]; then return; fi
	(
		flock 9
		if [ ! -d "$tools/docker-engine" ]; then timed "dockerd and containerd of Debian" unpack_docker_engine; fi
	) 9>"$tools_base/.lock"
}

unpack_docker_engine() (
	set -- docker.io containerd tini
	# Newer Debians have the client in a package of its own.
	if apt-cache show docker-cli >/dev/null 2>&1; then set -- "$@" docker-cli; fi
	staging=$(mktemp -d "$tools_base/.building.XXXXXX") && mkdir "$staging/docker-engine" || return
	trap 'rm -rf "$staging"' EXIT
	unpack_packages "$staging/docker-engine" "docker dockerd containerd containerd-shim-runc-v2 tini-static" "$@" &&
		mv "$staging/docker-engine/tini-static" "$staging/docker-engine/docker-init" &&
		mv "$staging/docker-engine" "$tools/docker-engine"
)

# prepare_oracles: the Go programs in test/oracle that judge ours, in the cache directory too.
prepare_oracles() {
	check_go
	timed "Go oracles" node "$root/scripts/prepare-oracles.ts"
}
