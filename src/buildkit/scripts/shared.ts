import { SECRET_PATH } from '../secret-path.ts';

/**
 * Shell that every helper script starts with. POSIX sh and what busybox, Debian and Alpine all have: no `tar -T`, no
 * `comm`, no `split`, which Debian's static busybox lacks. Entry names hold neither white space nor quotes (the entry
 * grammar), so lists of them are safe for `xargs` and `read`.
 *
 * `bin/<uname -m>` packs and unpacks by zstd (`helper/`); where there is none, `$program` is empty.
 *
 * `mounts.txt` holds a line per mount: index, kind, owner (`uid:gid`, `-` = leave as is, `any` = unknown user), directory.
 */
export const SHARED_SCRIPT: string = `set -eu
export LC_ALL=C
context=/slipway/context
secret=${SECRET_PATH}
work=/tmp/slipway-work
mkdir -p "$work"
jobs=$(nproc)
# What the client brought along for this machine; nothing where it can't be run here.
program="$context/bin/$(uname -m)"
"$program" check 2> /dev/null || program=

# Which packs the builder may fetch by itself, and from where.
can_fetch() { [ -n "$program" ] && [ -e "$secret" ]; }

fail() { echo "slipway-error $*"; exit 70; }

# Links and special files have no place in Go's caches: go would write through a link and hang on a fifo.
refuse_hostile() { # kind directory
  for path in "$2" "$2/.slipway" "$2/.slipway/runs" "$2/cache" "$2/cache/download"; do
    [ ! -L "$path" ] || fail "hostile $1 $path"
  done
  if [ "$1" = gocache ]; then look=.; else look=cache/download; fi
  cd "$2"
  [ -e "$look" ] || return 0
  odd=$(find "$look" ! -type f ! -type d -print | head -n 1)
  [ -z "$odd" ] || fail "hostile $1 $odd"
}

# Names of the entries that may travel, sorted.
list_entries() { # kind directory [find options]
  kind=$1 directory=$2
  shift 2
  cd "$directory"
  if [ "$kind" = gocache ]; then
    find . -type f "$@" -print | sed 's|^[.]/||' | grep -E '^[0-9a-f]{2}/[0-9a-f]{64}-[ad]$' | sort
  elif [ -d cache/download ]; then
    find cache/download -type f "$@" -print | grep -E '/@v/[^/]+[.](info|mod|zip)$' | grep -v '^cache/download/sumdb/' | sort
  fi
}

# Modules that Go takes for whole: it writes their sum when it has the zip, and inject writes it with a tree.
list_sums() { # directory
  cd "$1"
  [ ! -d cache/download ] || find cache/download -type f -name '*.ziphash' -print | sort
}

# Whoever Go runs as must be able to write it and take it away.
mark_partial() { # file
  : > "$1"
  chmod 0666 "$1"
}

# Each run that builds with trees has a file here, from its first look into the mount until it is over.
enter_run() { # directory
  [ -e "$context/run.txt" ] || return 0
  mkdir -p "$1/.slipway/runs"
  : > "$1/.slipway/runs/$(cat "$context/run.txt")"
}

# Do other runs build with trees here? One that is known to have ended, or an hour old, doesn't count.
others_build() { # directory
  [ -d "$1/.slipway/runs" ] || return 1
  find "$1/.slipway/runs" -type f -mmin +60 -exec rm -f {} +
  (cd "$1/.slipway/runs" && xargs -r rm -f < "$context/ended.txt")
  ls "$1/.slipway/runs" > "$work/runs"
  if [ -e "$context/run.txt" ]; then subtract "$work/runs" "$context/run.txt" > "$work/others"; else cp "$work/runs" "$work/others"; fi
  [ -s "$work/others" ]
}

leave_run() { # directory
  [ ! -e "$context/run.txt" ] || rm -f "$1/.slipway/runs/$(cat "$context/run.txt")"
}

# A tree holds what one build imports. Marked as .partial, Go takes the directory for half unpacked and unpacks the module anew,
# so that a later build misses nothing. Taking its sum away isn't enough: Go writes that when it fetches the zip, and then
# believes the directory. What Go wrote down of the packages of half a module goes too.
close_trees() { # index kind owner directory
  if others_build "$4"; then shared=yes; else shared=no; fi
  if [ "$2" = gocache ]; then
    remove_indexes "$4"
    [ "$shared" = yes ] || [ -e "$context/only.txt" ] || rm -f "$4/.slipway/before"
  elif [ -e "$4/.slipway/trees" ] && { [ "$shared" = no ] || [ -e "$context/forced.txt" ]; }; then
    refuse_hostile "$2" "$4"
    split_trees "$4/.slipway/trees"
    while read -r tree zip; do
      mark_partial "$4/\${zip%.zip}.partial"
      rm -f "$4/\${zip}hash"
    done < "$work/closing"
    if [ -s "$work/staying" ]; then cp "$work/staying" "$4/.slipway/trees"; else rm -f "$4/.slipway/trees"; fi
  fi
  # Forced, the build goes on.
  [ -e "$context/forced.txt" ] || leave_run "$4"
}

# Which of these are to be closed: all, or those that only.txt names, with a blank behind each.
split_trees() { # list
  : > "$work/staying"
  if [ ! -e "$context/only.txt" ]; then cp "$1" "$work/closing"; return; fi
  grep -F -f "$context/only.txt" "$1" > "$work/closing" || [ $? -eq 1 ]
  subtract "$1" "$work/closing" > "$work/staying"
}

remove_indexes() { # directory
  [ -e "$1/.slipway/before" ] || return 0
  list_entries gocache "$1" > "$work/now"
  subtract "$work/now" "$1/.slipway/before" > "$work/made"
  indexes_among "$1" "$work/made" > "$work/indexes"
  cd "$1"
  xargs -r rm -f < "$work/indexes"
}

# Those of these entries that hold what Go wrote down of the packages of a module, and those that point to them.
indexes_among() { # directory list
  cd "$1"
  matching '-d$' "$2" '^go index v' > "$work/found"
  cat "$work/found"
  sed 's|.*/||; s|-d$||' "$work/found" > "$work/hexes"
  [ ! -s "$work/hexes" ] || matching '-a$' "$2" -F -f "$work/hexes"
}

# Names of the list that end so, whose files grep finds something in. By a pipe, as in list-actions.ts; grep ends with 1 where nothing is found, and xargs with 123 then.
matching() { # ending list grep-words
  sed -n "/$1/p" "$2" > "$work/looked-at"
  shift 2
  [ ! -s "$work/looked-at" ] || cat "$work/looked-at" | xargs grep -l "$@" || [ $? -eq 123 ]
}

# Lines of list $1 that list $2 lacks.
subtract() { sort -u "$1" > "$work/wanted"; sort "$work/wanted" "$2" "$2" | uniq -u; }

free_kib() { df -Pk "$1" | tail -n 1 | { read -r _ _ _ free _; echo "$free"; }; } # directory

each_mount() { # function
  while read -r index kind owner directory; do "$1" "$index" "$kind" "$owner" "$directory" < /dev/null; done < "$context/mounts.txt"
}
`;
