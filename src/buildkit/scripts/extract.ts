import { SHARED_SCRIPT } from './shared.ts';

/** Where the extract step leaves what the client fetches. */
export const EXTRACT_OUTPUT = '/slipway-out';

/**
 * Lists each mount, packs the entries that `known/<kind>` lacks, and tells which entries were used.
 * Leaves in `/slipway-out/<mount>/`: `new-<n>.pack`, `new.txt` (names), `used.txt` (names of entries whose time is
 * younger than the build's begin, less the hour within which Go doesn't refresh; modules that were extracted), `facts.txt` (`key value` lines).
 * Of modules only the files in `allowed.txt` are there for it.
 * `age.txt` holds how many seconds ago the build began, or `-` when that isn't known: then the restore's stamp counts,
 * and without one the last day. With `signed-only.txt` nothing is new in a GOCACHE mount that is marked as unsigned.
 */
export const EXTRACT_SCRIPT: string = `${SHARED_SCRIPT}
pack_part() { # list output
  cd "$work/tree"
  # tar ends with 1 when a file changed while it was read: the client verifies each entry, so that is no failure here.
  { xargs -s 1900000 tar -c -f - --numeric-owner --no-recursion < "$1" 2> "$1.err" || [ $? -eq 123 ] || touch "$1.failed"; } | compress > "$2" || exit 72
  [ ! -e "$1.failed" ] || exit 73
}

compress() {
  if [ -n "$program" ]; then "$program" pack "$level"; else gzip "-$gzip_level"; fi
}

# From the largest down, to and fro: the packs come out alike, so that the last one to be unpacked isn't waited for. By a pipe, as in list-actions.ts.
split_list() { # list parts
  if [ "$2" -eq 1 ]; then cp "$1" "$work/part.0"; return; fi
  (cd "$work/tree" && cat "$1" | xargs stat -c '%s %n') | sort -k1,1rn -k2 | sed 's/^[0-9]* //' > "$work/by-size"
  turn=0
  while read -r name; do
    if [ "$turn" -lt "$2" ]; then part=$turn; else part=$((2 * $2 - 1 - turn)); fi
    echo "$name" >> "$work/part.$part"
    turn=$(((turn + 1) % (2 * $2)))
  done < "$work/by-size"
  # Those of a directory follow each other.
  for list in "$work"/part.*; do
    sort "$list" > "$work/by-name"
    mv "$work/by-name" "$list"
  done
}

pack_new() { # kind output
  count=$(($(wc -l < "$2/new.txt")))
  [ "$count" -gt 0 ] || return 0
  if [ "$1" = gocache ]; then per=500 most=8; else per=100 most=4; fi
  parts=$(((count + per - 1) / per))
  [ "$parts" -le "$most" ] || parts=$most
  [ "$parts" -ge $(((count + 7999) / 8000)) ] || parts=$(((count + 7999) / 8000))
  rm -f "$work"/part.*
  sed "s|^|$1/|" "$2/new.txt" > "$work/new"
  # What one edit adds is small: there the better compression costs nothing that is felt.
  level=3 gzip_level=1
  if [ "$count" -le 200 ] && [ "$(cd "$work/tree" && xargs cat < "$work/new" | wc -c)" -lt 8388608 ]; then level=9 gzip_level=6; fi
  split_list "$work/new" "$parts"
  running=0
  part=0
  while [ "$part" -lt "$parts" ]; do
    pack_part "$work/part.$part" "$2/new-$part.pack" &
    eval "child$running=$!"
    running=$((running + 1))
    if [ "$running" -ge "$jobs" ]; then wait_parts; fi
    part=$((part + 1))
  done
  wait_parts
}

wait_parts() {
  while [ "$running" -gt 0 ]; do
    running=$((running - 1))
    eval "pid=\\$child$running"
    wait "$pid" || fail "pack $(cat "$work"/part.*.err | head -n 3)"
  done
}

# Go doesn't touch module files. A zip that was used has its extracted directory beside it; the small files always count.
used_modules() { # directory
  grep -v '[.]zip$' "$work/present" > "$work/small" || [ $? -eq 1 ]
  cat "$work/small"
  sed -n 's|^cache/download/\\(.*\\)/@v/\\(.*\\)[.]zip$|\\1@\\2|p' "$work/present" > "$work/modules"
  while read -r module; do
    [ ! -d "$1/$module" ] || echo "cache/download/\${module%@*}/@v/\${module##*@}.zip"
  done < "$work/modules"
}

# Another run builds with trees here: what its Go writes down of half a module, right now, must not get into the store.
leave_out_indexes() { # directory list
  indexes_among "$1" "$2" > "$work/indexes"
  subtract "$2" "$work/indexes" > "$work/kept"
  mv "$work/kept" "$2"
}

extract_mount() { # index kind owner directory
  out="${EXTRACT_OUTPUT}/$1"
  mkdir -p "$out" "$work/tree"
  [ -d "$4" ] || mkdir -p "$4"
  refuse_hostile "$2" "$4"
  rm -f "$work/tree/$2"
  ln -s "$4" "$work/tree/$2"
  list_entries "$2" "$4" > "$work/present"
  if [ "$2" = gomodcache ]; then
    sort "$work/present" "$context/allowed.txt" | uniq -d > "$work/listed"
    mv "$work/listed" "$work/present"
  fi
  unsigned=no
  if [ "$2" = gocache ] && [ -e "$4/.slipway/unsigned" ]; then unsigned=yes; fi
  if [ "$unsigned" = yes ] && [ -e "$context/signed-only.txt" ]; then
    : > "$out/new.txt"
  else
    subtract "$work/present" "$context/known/$2" > "$out/new.txt"
  fi
  if [ "$2" = gocache ] && [ -e "$4/.slipway/before" ]; then leave_out_indexes "$4" "$out/new.txt"; fi
  age=$(cat "$context/age.txt")
  if [ "$age" != - ]; then since=$(($(date +%s) - age)); elif [ -e "$4/.slipway/stamp" ]; then since=$(stat -c %Y "$4/.slipway/stamp"); else since=$(($(date +%s) - 86400)); fi
  touch -d "@$((since - 3600))" "$work/reference"
  # The age was taken before this step was started: what is a minute older is told from what the build made.
  touch -d "@$((since - 60))" "$work/begin"
  if [ "$2" = gocache ]; then list_entries "$2" "$4" -newer "$work/reference" > "$out/used.txt"; else used_modules "$4" > "$out/used.txt"; fi
  pack_new "$2" "$out"
  {
    echo "present $(($(wc -l < "$work/present")))"
    echo "new $(($(wc -l < "$out/new.txt")))"
    echo "young $(($(list_entries "$2" "$4" -newer "$work/begin" | wc -l)))"
    echo "machine $(uname -m)"
    echo "used $(($(wc -l < "$out/used.txt")))"
    if [ "$unsigned" = yes ]; then echo "unsigned yes"; fi
    if [ -r "\${GOROOT:-/usr/local/go}/VERSION" ]; then echo "go $(head -n 1 "\${GOROOT:-/usr/local/go}/VERSION")"; fi
    if [ -e "$4/.slipway/marker" ]; then echo "marker $(head -n 1 "$4/.slipway/marker")"; fi
    first=$(tail -n 1 "$work/present")
    if [ -n "$first" ]; then echo "owner $(stat -c %u:%g "$4/$first")"; fi
  } > "$out/facts.txt"
}
each_mount close_trees
mkdir -p ${EXTRACT_OUTPUT}
each_mount extract_mount
`;
