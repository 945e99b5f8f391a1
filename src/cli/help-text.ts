/** What `slipway --help` prints. Kept apart from the commands so that it starts as fast as node does. */
export const ROOT_HELP = `Go builds in Docker that start warm: restores the Go cache mounts of a Dockerfile, builds, saves what is new.

Usage: slipway COMMAND [OPTIONS]

Commands:
  build         Restore, build with docker buildx's flags, save
  restore       Fill the cache mounts before somebody else's build
  save          Save what such a build left in the cache mounts
  run           Run docker buildx bake, compose, buildctl, make, with the mounts restored before and saved after
  prefetch      Download what a restore will want, before there is a builder
  lint          Find what defeats Go's caches in Dockerfiles and workflows, and mend it
  init          Write a Dockerfile and .dockerignore for the Go program at hand
  explain       Say which steps a change re-runs, and why
  bench         Measure which way to cache pays, on your repository and machine
  report        Write a page about the last build: layers, time, bytes, what to mend
  audit         Prove that the cache gives what a cold build gives
  doctor        Find what silently costs warmth, with the command that mends it
  cache         Look after stores: ls, du, check, gc, export, pin
  key           Make and show the keys that snapshots are signed with
  completion    Print what bash, zsh or fish need to finish words on Tab
  config show   Print every option's value and where it comes from

Options:
  -h, --help     Help; also after a command
      --version  Print the version

Examples:
  slipway build -t app .
  slipway build --store type=registry,ref=registry.example.com/app/cache --push -t registry.example.com/app .
  slipway restore . && docker buildx build -t app . && slipway save .
  slipway run -- docker buildx bake
  slipway lint --fix
  slipway init --main ./cmd/api --ci github
  slipway explain --change main.go
  slipway bench --quick
  slipway report --open
  slipway audit --scope main .
  slipway cache du
`;
