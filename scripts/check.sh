#!/bin/sh
# Everything that can be said of the code without running it. All steps run; each failing one shows its output.
set -u
cd "$(dirname -- "$0")/.." || exit 3
export PATH="$PWD/node_modules/.bin:$PATH"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
failed=

step() {
	name=$1
	shift
	if "$@" >"$log" 2>&1; then
		echo "ok      $name" >&2
	else
		echo "FAILED  $name" >&2
		cat "$log" >&2
		failed="$failed $name"
	fi
}

# A generated file that differs from what git has, or that git does not know, is out of date.
generated_files_in_sync() {
	files=$(node scripts/generate.ts) || return 1
	# shellcheck disable=SC2086 # a list of words
	git ls-files --error-unmatch -- $files >/dev/null && git diff --exit-code -- $files
}

# What a workflow gets with `uses:` is what git has; it must be what the code makes.
action_in_sync() {
	made=$(mktemp -d) || return 1
	node scripts/build-action.ts "$made/dist" && diff -r "$made/dist" action/dist >/dev/null &&
		[ -z "$(git status --porcelain -- action/dist)" ]
	code=$?
	rm -rf "$made"
	[ "$code" -eq 0 ] || echo "action/dist is not what the code makes, or not committed: run npm run build:action and commit it"
	return "$code"
}

# Programs that nobody could make again from their source would have to be taken on trust.
helper_in_sync() {
	made=$(mktemp -d) || return 1
	node scripts/build-helper.ts "$made" && diff -r "$made" helper/bin
	code=$?
	rm -rf "$made"
	[ "$code" -eq 0 ] || echo "helper/bin is not what helper/ makes: run npm run build:helper and commit it"
	return "$code"
}

go_formatted() {
	files=$(gofmt -l examples helper test/oracle bench 2>&1)
	[ -z "$files" ] || { echo "run gofmt -w on: $files" && return 1; }
}

shell_syntax() {
	for script in bin/slipway .ci/run scripts/test scripts/demo scripts/*.sh scripts/lib/*.sh; do sh -n "$script" || return 1; done
}

step types tsc --noEmit
step lint oxlint
step format biome format --reporter=summary .
step "dead code" knip --no-progress
step layers vitest run --project unit test/unit/layers.test.ts
step "shell syntax" shell_syntax
step "Go format" go_formatted
step "generated files" generated_files_in_sync
step "helper program" helper_in_sync
step "action bundle" action_in_sync
step bundle scripts/build-package.sh
step "bundle runs" dist/slipway.js --version

[ -z "$failed" ] || { echo "failed:$failed (npm run generate, build:action, build:helper and format mend theirs)" >&2 && exit 1; }
