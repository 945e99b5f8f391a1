import { SHARED_SCRIPT } from './shared.ts';

/** Where the step leaves its lists. */
export const ACTIONS_OUTPUT = '/slipway-out';

/**
 * Leaves in `/slipway-out` the builder's time as `now.txt` (seconds), and in `<mount>/` of each GOCACHE mount: `actions.txt` (its `-a`
 * files one after the other, a line each), `times.txt` (`<mtime seconds> <name>` of each), `archives.txt` (names of the
 * `-d` files that are compiled packages).
 */
export const LIST_ACTIONS_SCRIPT: string = `${SHARED_SCRIPT}
list_mount() { # index kind owner directory
  [ "$2" = gocache ] || return 0
  out="${ACTIONS_OUTPUT}/$1"
  mkdir -p "$out"
  [ -d "$4" ] || mkdir -p "$4"
  refuse_hostile "$2" "$4"
  list_entries "$2" "$4" > "$work/present"
  sed -n '/-a$/p' "$work/present" > "$work/actions"
  sed -n '/-d$/p' "$work/present" > "$work/outputs"
  : > "$out/actions.txt"
  : > "$out/times.txt"
  : > "$out/archives.txt"
  cd "$4"
  # By a pipe: busybox's xargs forks its applets with what it has read ahead, and their end puts a file's place back for it.
  if [ -s "$work/actions" ]; then
    cat "$work/actions" | xargs cat > "$out/actions.txt"
    cat "$work/actions" | xargs stat -c '%Y %n' > "$out/times.txt"
  fi
  # grep ends with 1 where none of its files is one, and xargs with 123 then.
  if [ -s "$work/outputs" ]; then
    { cat "$work/outputs" | xargs grep -l '^!<arch>$' || [ $? -eq 123 ]; } > "$out/archives.txt"
  fi
}
mkdir -p ${ACTIONS_OUTPUT}
each_mount list_mount
date +%s > ${ACTIONS_OUTPUT}/now.txt
`;
