#!/bin/sh
# make-base-images.sh TARGET BIN GOROOT DEBIAN_SUITE: base-images.sh as a program, so that sudo can run it.
set -eu
lib_dir=$(dirname "$0")
. "$lib_dir/base-images.sh"
make_base_images "$@"
