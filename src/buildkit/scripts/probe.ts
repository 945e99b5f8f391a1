import { INJECT_FUNCTIONS } from './inject.ts';
import { SHARED_SCRIPT } from './shared.ts';

/**
 * Looks into the mounts: how many of each pack's entries are missing. `look/<kind>/<n>` hold the packs' entry names.
 * Prints `slipway-program` where the client's program can be run, `slipway-reach yes|no …` where there is a plan of packs to fetch, `slipway-free <mount> <KiB>`, `slipway-probe <mount> <present entries> <missing entries>` and, where some are missing,
 * `slipway-missing <mount> <pack number> <missing entries>` for each pack that has gaps.
 * `slipway-looked` ends the answers. With `fill.txt`, the KiB that have to be free for it, a GOCACHE mount that holds nothing is filled behind them, of which
 * `slipway-filling` tells before them: `fetch/<digest>` and the other files are those of `INJECT_SCRIPT`, and so are its answers.
 */
export const PROBE_SCRIPT: string = `${SHARED_SCRIPT}${INJECT_FUNCTIONS}
# Trees of runs that were killed. Those of a run that nobody knows of stay for an hour: it may build right now.
close_abandoned() { # index kind owner directory
  [ -e "$4/.slipway/trees" ] || [ -e "$4/.slipway/before" ] || return 0
  others_build "$4" || close_trees "$@"
}

probe_mount() { # index kind owner directory
  mkdir -p "$4"
  refuse_hostile "$2" "$4"
  close_abandoned "$@"
  enter_run "$4"
  list_entries "$2" "$4" > "$work/present"
  present=$(($(wc -l < "$work/present")))
  [ "$2" = gocache ] || list_sums "$4" >> "$work/present"
  [ "$2" != gocache ] || held=$present
  free=$(free_kib "$4")
  cat "$context/look/$2"/* > "$work/all"
  missing=$(subtract "$work/all" "$work/present" | wc -l)
  echo "slipway-free $1 $free"
  echo "slipway-probe $1 $present $((missing))"
  [ "$((missing))" -gt 0 ] || return 0
  for list in "$context/look/$2"/*; do
    # In an empty mount all of it is missing: nothing to compare.
    if [ -s "$work/present" ]; then gaps=$(subtract "$list" "$work/present" | wc -l); else gaps=$(wc -l < "$list"); fi
    [ "$((gaps))" -eq 0 ] || echo "slipway-missing $1 \${list##*/} $((gaps))"
  done
}
may_fill() {
  [ -e "$context/fill.txt" ] && [ "$held" = 0 ] && grep -q '^slipway-reach yes' "$work/reach" && [ "$free" -ge "$(cat "$context/fill.txt")" ]
}

fill_mount() { # index kind owner directory
  [ "$2" != gocache ] || inject_mount "$@"
}

held=unknown
[ -z "$program" ] || echo slipway-program
: > "$work/reach"
if can_fetch; then "$program" reach "$secret" > "$work/reach" & fi
each_mount probe_mount
wait
cat "$work/reach"
if may_fill; then filling=yes; echo slipway-filling; else filling=no; fi
echo slipway-looked
if [ "$filling" = yes ]; then
  each_mount begin_fetch
  each_mount fill_mount
fi
`;
