#!/bin/sh
# Puts the package together in dist/: bundles, type declarations, the entry that checks Node's version.
set -eu
cd "$(dirname -- "$0")/.."
rm -rf dist
rolldown --config rolldown.config.ts --log-level warn
tsc --project tsconfig.types.json
node scripts/prune-types.ts dist
node scripts/write-licenses.ts
cp scripts/package-entry.js dist/slipway.js
chmod +x dist/slipway.js
