# Base images for tests and the demo, as the storage directory of a registry: `FROM golang:1.26` works on a machine
# that can't reach Docker Hub. Debian comes from debootstrap, Go from this machine. Needs root. Callers set `lib_dir`,
# GOVERSION and GO_ARCH.

# make_base_images TARGET BIN GOROOT DEBIAN_SUITE: fills TARGET, which appears only when it is complete.
make_base_images() (
	set -eu
	target=$1 bin=$2 goroot=$3 suite=$4
	work=$(mktemp -d "$(dirname "$target")/.base-images.XXXXXX")
	registry_pid=
	trap 'if [ -n "$registry_pid" ]; then kill "$registry_pid" || true; fi; rm -rf "$work"' EXIT INT TERM

	start_registry "$work/storage" "$bin/registry" "$work"
	mkdir "$work/packages"
	make_busybox_tree "$work/busybox"
	make_alpine_tree "$work/alpine" "$work/busybox"
	make_debian_tree "$work/debian" "$suite" ca-certificates,make
	make_debian_tree "$work/compiler" "$suite" ca-certificates,make,gcc,libc6-dev
	make_distroless_trees "$work/static" "$work/libc" "$work/debian"
	make_go_tree "$work/go" "$goroot"
	mkdir -p "$work/frontend/bin"
	cp "$bin/dockerfile-frontend" "$work/frontend/bin/"
	for name in busybox alpine debian compiler static libc go frontend; do make_layer "$work/$name" "$work/$name.tar.gz"; done

	push_image library/busybox:1.37 "" busybox
	push_image library/alpine:3.22 "" alpine
	push_image "library/debian:$suite-slim" "" debian
	push_image library/golang:1.26-alpine go alpine go
	# Stands for every old Go; what it holds is this machine's.
	push_image library/golang:1.20-alpine go alpine go
	push_image library/golang:1.26 go debian go
	push_image "library/golang:1.26-$suite" go compiler go
	push_image distroless/static-debian12 "" static
	push_image distroless/base-debian12 "" static libc
	push_frontend docker/dockerfile:1

	kill "$registry_pid"
	wait "$registry_pid" 2>/dev/null || [ $? -ge 128 ]
	registry_pid=
	rm -rf "$target"
	echo "$GOVERSION" >"$work/storage/.go-version"
	chmod -R a+rX "$work/storage"
	mv "$work/storage" "$target"
)

# Leaves the registry's pid in registry_pid and its address in registry_host.
start_registry() {
	mkdir -p "$1"
	cat >"$3/registry.yml" <<-CONFIG
		version: 0.1
		log: {level: info, accesslog: {disabled: true}}
		storage: {filesystem: {rootdirectory: $1}}
		http: {addr: "127.0.0.1:0"}
	CONFIG
	OTEL_TRACES_EXPORTER=none "$2" serve "$3/registry.yml" >"$3/registry.log" 2>&1 &
	registry_pid=$!
	for _ in $(seq 100); do
		registry_host=$(sed -n 's/.*listening on \(127\.0\.0\.1:[0-9]*\).*/\1/p' "$3/registry.log" | head -n 1)
		if [ -n "$registry_host" ]; then return; fi
		sleep 0.1
	done
	cat "$3/registry.log" >&2
	return 1
}

# push_image NAME go|"" TREE...: one layer for each tree, and the environment that the official Go image sets.
push_image() {
	name=$1 kind=$2
	shift 2
	layers=
	for tree in "$@"; do layers="$layers --new_layer $work/$tree.tar.gz"; done
	path=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
	# shellcheck disable=SC2086 # a list of words
	"$bin/crane" append --platform linux/$GO_ARCH $layers --new_tag "$registry_host/$name" >/dev/null 2>&1
	if [ "$kind" = go ]; then
		set -- --env GOPATH=/go --env GOTOOLCHAIN=local --env "PATH=/go/bin:/usr/local/go/bin:$path" --workdir /go
		for setting in GOPROXY GOSUMDB GONOSUMDB GONOPROXY GOPRIVATE GOINSECURE; do
			value=$(go_setting "$setting")
			if [ -n "$value" ]; then set -- "$@" --env "$setting=$value"; fi
		done
	else
		set -- --env "PATH=$path"
	fi
	"$bin/crane" mutate --set-platform linux/$GO_ARCH --cmd sh "$@" \
		--tag "$registry_host/$name" "$registry_host/$name" >/dev/null 2>&1
}

# The image that `# syntax=docker/dockerfile:1` names, with the labels that BuildKit's own has:
# https://github.com/moby/buildkit/blob/v0.33.1/frontend/dockerfile/cmd/dockerfile-frontend/Dockerfile
push_frontend() {
	prefix=moby.buildkit.frontend
	caps=$prefix.inputs,$prefix.subrequests,$prefix.contexts,$prefix.gitquerystring,$prefix.contexts.zstd
	"$bin/crane" append --platform "linux/$GO_ARCH" --new_layer "$work/frontend.tar.gz" \
		--new_tag "$registry_host/$1" >/dev/null 2>&1
	"$bin/crane" mutate --set-platform "linux/$GO_ARCH" --entrypoint /bin/dockerfile-frontend \
		--label "$prefix.network.none=true" --label "\"$prefix.caps=$caps\"" \
		--tag "$registry_host/$1" "$registry_host/$1" >/dev/null 2>&1
}

# How this machine reaches modules, where that isn't Go's own default: RUN steps are on its network.
go_setting() {
	if [ -n "$(go env -changed "$1")" ]; then go env "$1"; fi
}

make_layer() {
	tar --create --directory "$1" --sort=name --mtime=@1767225600 --owner=0 --group=0 --numeric-owner . | gzip -n -3 >"$2"
	rm -rf "$1"
}

make_busybox_tree() {
	mkdir -p "$1/bin" "$1/etc/ssl/certs" "$1/tmp" "$1/root" "$1/usr/bin" "$1/usr/sbin" "$1/sbin" "$1/home" "$1/var/tmp"
	chmod 1777 "$1/tmp" "$1/var/tmp"
	cp "$bin/busybox" "$1/bin/busybox"
	for applet in $("$bin/busybox" --list); do
		case $applet in
		busybox | dpkg | dpkg-deb | rpm) ;;
		*) ln -s busybox "$1/bin/$applet" ;;
		esac
	done
	printf 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/bin/false\n' >"$1/etc/passwd"
	printf 'root:x:0:\nnogroup:x:65534:\n' >"$1/etc/group"
	cp "$(machine_certificates)" "$1/etc/ssl/certs/ca-certificates.crt"
}

# Debian's busybox has no adduser and addgroup, which Alpine's Dockerfiles use for non-root users.
make_alpine_tree() {
	mkdir -p "$1"
	cp -a "$2/." "$1/"
	printf 'NAME="Alpine Linux (busybox stand-in)"\nID=alpine\nVERSION_ID=3.22.0\n' >"$1/etc/os-release"
	cp "$lib_dir/alpine-adduser.sh" "$1/bin/adduser"
	cp "$lib_dir/alpine-addgroup.sh" "$1/bin/addgroup"
	chmod 755 "$1/bin/adduser" "$1/bin/addgroup"
}

# make_debian_tree TREE SUITE PACKAGES
make_debian_tree() {
	debootstrap --variant=minbase --include="$3" --cache-dir="$work/packages" "$2" "$1" >"$work/debootstrap.log" 2>&1 || {
		tail -n 20 "$work/debootstrap.log" >&2
		return 1
	}
	rm -rf "$1"/var/cache/apt/*.bin "$1"/var/cache/apt/archives/*.deb "$1"/var/lib/apt/lists/* "$1"/var/log/* \
		"$1"/usr/share/doc "$1"/usr/share/man "$1"/usr/share/locale "$1"/dev
	mkdir -p "$1/var/lib/apt/lists/partial" "$1/dev"
	cp "$(machine_certificates)" "$1/etc/ssl/certs/ca-certificates.crt"
}

# make_distroless_trees STATIC LIBC DEBIAN: no shell and no package manager; certificates and time zones, and the C library beside.
make_distroless_trees() {
	mkdir -p "$1/etc/ssl/certs" "$1/tmp" "$1/home/nonroot" "$1/usr/share"
	chmod 1777 "$1/tmp"
	printf 'root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n' >"$1/etc/passwd"
	printf 'root:x:0:\nnonroot:x:65532:\n' >"$1/etc/group"
	cp "$(machine_certificates)" "$1/etc/ssl/certs/ca-certificates.crt"
	cp -a "$3/usr/share/zoneinfo" "$1/usr/share/"
	mkdir -p "$2/usr/lib64"
	cp -aP "$3/lib" "$3/lib64" "$2/"
	for file in "$3"/usr/lib64/ld-linux*.so.* "$3"/usr/lib/*-linux-gnu/ld-linux*.so.* \
		"$3"/usr/lib/*-linux-gnu/lib[cm].so.6 "$3"/usr/lib/*-linux-gnu/libpthread.so.0 \
		"$3"/usr/lib/*-linux-gnu/libdl.so.2 "$3"/usr/lib/*-linux-gnu/librt.so.1 "$3"/usr/lib/*-linux-gnu/libresolv.so.2; do
		if [ ! -e "$file" ]; then continue; fi
		mkdir -p "$2$(dirname "${file#"$3"}")"
		cp -a "$file" "$2${file#"$3"}"
	done
}

make_go_tree() {
	mkdir -p "$1/usr/local/go" "$1/go/src" "$1/go/bin"
	chmod 1777 "$1/go" "$1/go/src" "$1/go/bin"
	for part in bin lib pkg src VERSION go.env; do cp -a "$2/$part" "$1/usr/local/go/"; done
}

# The certificates that this machine itself trusts, so that a RUN step reaches what the machine reaches.
machine_certificates() {
	for file in "${SSL_CERT_FILE:-}" /etc/ssl/certs/ca-certificates.crt; do
		if [ -n "$file" ] && [ -r "$file" ]; then
			echo "$file"
			return
		fi
	done
	echo "no CA certificates on this machine: install ca-certificates" >&2
	return 1
}
