#!/bin/sh
# Builds the image of slipway with slipway: `scripts/build-image.sh [FLAG]...`, flags as of `slipway build`. What is put into
# the image is what builds it: the package as it is published.
set -eu
cd "$(dirname -- "$0")/.."
export PATH="$PWD/node_modules/.bin:$PATH"
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
node scripts/stage-package.ts "$directory/package" >&2
"$directory/package/dist/slipway.js" build --file packaging/image/Dockerfile "$@" "$directory/package"
