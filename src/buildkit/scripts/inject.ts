import { SHARED_SCRIPT } from './shared.ts';

/** 2001-01-01: old enough that Go refreshes the time of every entry it uses, which is how the used set is known. */
export const RESTORED_MTIME_SECONDS = 978_307_200;

/** What fills a mount; `INJECT_SCRIPT` says how. */
export const INJECT_FUNCTIONS: string = `
unpack() { # pack directory
  tar -xzf "$1" -C "$2" --strip-components=1 -o || return 71
  echo "slipway-unpacked $1"
}

unpack_all() { # mount target
  ls "$context/packs/$1"/*.pack > "$work/packs" 2> /dev/null || return 0
  if [ -n "$program" ]; then
    xargs "$program" unpack --modified ${RESTORED_MTIME_SECONDS} "$2" < "$work/packs" || broken=yes
    return 0
  fi
  running=0
  : > "$work/again"
  while read -r pack; do
    { unpack "$pack" "$2" || echo "$pack" >> "$work/again"; } &
    eval "child$running=$!"
    running=$((running + 1))
    if [ "$running" -ge "$jobs" ]; then wait_all; fi
  done < "$work/packs"
  wait_all
  # Packs may hold the same entry, and two tars that make one file at once stop each other. Alone, each replaces it whole.
  while read -r pack; do unpack "$pack" "$2" || broken=yes; done < "$work/again"
}

# Fetching goes on beside modules.
begin_fetch() { # index kind owner directory
  [ "$2" = gocache ] && can_fetch || return 0
  open_mount "$@"
  check_space "$1" "$4"
  fetch_all "$4" &
  fetching=$!
}

# What came is said as it comes, and kept.
fetch_all() { # directory
  { "$program" fetch "$1" "$secret" "$context/fetch" || : > "$work/fetch-failed"; } | tee "$work/answers"
}

# \`fetched\` names the packs that are whole.
end_fetch() {
  : > "$work/fetched"
  [ -n "$fetching" ] || return 0
  wait "$fetching"
  [ ! -e "$work/fetch-failed" ] || broken=yes
  sed -n 's/^slipway-fetched \\([0-9a-f]*\\) .*/\\1/p' "$work/answers" > "$work/fetched"
}

# Names of the entries that those packs brought.
fetched_names() {
  while read -r pack; do sed 's/ .*//' "$context/fetch/$pack"; done < "$work/fetched"
}

wait_all() {
  while [ "$running" -gt 0 ]; do
    running=$((running - 1))
    eval "pid=\\$child$running"
    wait "$pid" || broken=yes
  done
}

check_space() { # index directory
  need=$(cat "$context/need/$1")
  [ "$need" -gt 0 ] || return 0
  free=$(free_kib "$2")
  [ "$free" -ge $((need + need / 10 + 524288)) ] || { echo "slipway-no-space $1 $need $free"; exit 74; }
}

take_back() { # index directory kind
  [ "$broken" = yes ] || return 0
  rm -rf "$2/.slipway/stage"
  cd "$2"
  if [ "$3" = gocache ]; then cat "$context/earlier/gocache"/* "$context/fresh/$1"/* "$context/fetch"/* 2> /dev/null | sed 's/ .*//' | xargs -r rm -f; fi
  fail "unpack"
}

# The stage holds the zips of these packs and nothing else: a sum never gets beside another's zip.
write_sums() { # index stage
  while read -r zip sum; do
    [ ! -f "$2/$zip" ] || printf %s "$sum" > "$2/\${zip}hash"
  done < "$context/ziphash/$1"
}

place_modules() { # stage directory
  cd "$1"
  find cache -type f | sed 's|/[^/]*$||' | sort -u > "$work/directories"
  # By a pipe, as in list-actions.ts.
  (cd "$2" && cat "$work/directories" | xargs mkdir -p)
  for suffix in info mod zip ziphash; do
    while read -r d; do
      for file in "$1/$d"/*."$suffix"; do
        [ ! -e "$file" ] || mv -f "$1/$d"/*."$suffix" "$2/$d/"
        break
      done
    done < "$work/directories"
  done
}

# Go may have the whole module by now: that one stays. Go believes a directory when the mark of a partial one goes, as the last thing.
# In steps over all of them, since each program that is started costs more than what it does to one.
place_trees() { # index stage directory
  [ -s "$context/trees/$1" ] || return 0
  root=$(cd "$3" && pwd -P)
  find "$2" -path "$2/cache" -prune -o -type f -exec chmod 0444 {} +
  find "$2" -path "$2/cache" -prune -o -type d -path '*@*' -exec chmod 0555 {} +
  while read -r tree zip sum; do
    [ -d "$2/$tree" ] || fail "no tree $tree"
    [ -e "$3/\${zip}hash" ] || echo "$tree $zip $sum"
  done < "$context/trees/$1" > "$work/trees"
  [ -s "$work/trees" ] || return 0
  cd "$3"
  while read -r tree zip _; do printf '%s\n' "\${tree%/*}" "\${zip%/*}"; done < "$work/trees" | sort -u > "$work/parents"
  # By pipes, as in list-actions.ts.
  cat "$work/parents" | xargs mkdir -p
  while read -r parent; do
    cd -P "$root/$parent"
    [ "$PWD" = "$root/$parent" ] || fail "hostile gomodcache $parent"
  done < "$work/parents"
  cd "$3"
  while read -r _ zip _; do : > "\${zip%.zip}.partial"; echo "\${zip%.zip}.partial"; done < "$work/trees" > "$work/partial"
  cat "$work/partial" | xargs chmod 0666
  while read -r tree zip _; do echo "$tree $zip"; done < "$work/trees" >> .slipway/trees
  sed 's/ .*//' "$work/trees" | xargs rm -rf
  while read -r tree zip sum; do
    mv "$2/$tree" "$tree"
    printf %s "$sum" > "\${zip}hash"
  done < "$work/trees"
  cat "$work/partial" | xargs rm -f
}

open_mount() { # index kind owner directory
  mkdir -p "$4"
  refuse_hostile "$2" "$4"
  mkdir -p "$4/.slipway"
  rm -f "$4/.slipway/marker"
}

inject_mount() { # index kind owner directory
  open_mount "$@"
  enter_run "$4"
  if [ "$2" = gocache ] && [ -e "$context/unsigned.txt" ]; then : > "$4/.slipway/unsigned"; fi
  # Where a fetch has begun, room was asked for before it.
  [ -n "$fetching" ] && [ "$2" = gocache ] || check_space "$1" "$4"
  broken=no
  if [ "$2" = gocache ]; then
    unpack_all "$1" "$4"
    end_fetch
    take_back "$1" "$4" "$2"
  else
    stage="$4/.slipway/stage"
    rm -rf "$stage"
    mkdir -p "$stage"
    unpack_all "$1" "$stage"
    take_back "$1" "$4" "$2"
    # Packs from before there were trees may hold the zip too.
    while read -r _ zip _; do rm -f "$stage/$zip"; done < "$context/trees/$1"
    if [ -d "$stage/cache" ]; then
      write_sums "$1" "$stage"
      place_modules "$stage" "$4"
    fi
    place_trees "$1" "$stage" "$4"
    rm -rf "$stage"
  fi
  cat "$context/lists/$2"/* > "$work/listed"
  [ "$2" != gocache ] || fetched_names >> "$work/listed"
  sort -u "$work/listed" > "$work/all"
  list_entries "$2" "$4" > "$work/present"
  # What a build with trees writes down of modules is taken back: see close_trees.
  if [ "$2" = gomodcache ]; then list_sums "$4" >> "$work/present"; elif [ -s "$context/trees/all" ] && [ ! -e "$4/.slipway/before" ]; then cp "$work/present" "$4/.slipway/before"; fi
  wanted=$(($(wc -l < "$work/all")))
  missing=$(($(subtract "$work/all" "$work/present" | wc -l)))
  cd "$4"
  # Restored just now: those of the packs at hand. Entries that were here before keep their times. The program gives times as it writes.
  if [ "$2" != gocache ] || [ -z "$program" ]; then
    cat /dev/null "$context/fresh/$1"/* 2> /dev/null | sort -u > "$work/fresh"
    sort "$work/fresh" "$work/present" | uniq -d | xargs -r touch -c -m -d "@${RESTORED_MTIME_SECONDS}"
  fi
  if [ "$2" = gocache ]; then
    date +%s > .slipway/trim.txt
    mv -f .slipway/trim.txt trim.txt
  fi
  case "$3" in
    -) ;;
    any) chmod -R a+rwX . ;;
    *) chown -R "$3" . ;;
  esac
  touch .slipway/stamp
  # What couldn't be fetched comes by another round.
  if [ -e "$context/marker.txt" ] && { [ "$2" != gocache ] || [ "$(ls "$context/fetch" | wc -l)" -eq "$(wc -l < "$work/fetched")" ]; }; then
    cat "$context/marker.txt" > .slipway/marker.new
    mv -f .slipway/marker.new .slipway/marker
  fi
  echo "slipway-injected $1 $((wanted - missing)) $wanted"
}
fetching=
`;

/**
 * Fills the mounts from `packs/<mount>/<digest>.pack`. GOCACHE entries are written in place, since Go heals a short one;
 * module files are staged inside the mount and renamed, zips last, since Go believes a short zip. `ziphash/<mount>` names
 * the zips whose sum was checked, with the sum: Go finds it beside the zip, as if it had hashed the zip itself.
 * `trees/<mount>` names the directories of modules that are unpacked as they are to be, each with its zip and the sum of that: they are
 * renamed into place, and noted in the mount until they are closed (`close_trees`).
 * `fetch/<digest>` name the entries and sizes of the packs that the program fetches by itself, as the secret says; those that came are wanted too.
 * `lists/<kind>/<n>` hold the entry names of all packs that the mount shall hold. The marker is written last.
 * A disk that gets full must not fail the build that follows: `need/<mount>` says how many KiB will be written, which have
 * to fit with a tenth and 512 MiB to spare; and where unpacking fails all the same, what was unpacked is taken away again,
 * that of earlier rounds (`earlier/<kind>/<n>`) too. Without `marker.txt` another round follows.
 * With `unsigned.txt` the GOCACHE mounts are marked for as long as they live: what they hold is not to be signed.
 * Prints `slipway-no-space <mount> <KiB needed> <KiB free>`, or `slipway-injected <mount> <entries present of those wanted> <entries wanted>`.
 */
export const INJECT_SCRIPT: string = `${SHARED_SCRIPT}${INJECT_FUNCTIONS}
each_mount begin_fetch
each_mount inject_mount
`;
