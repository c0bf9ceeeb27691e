#!/bin/sh
# Builds Farlook and serves the demo scene, or the paths given.
# usage: docker/demo.sh [OPTIONS] [PATH...]     as farlook-server takes them
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)

"$root/docker/install.sh" --demo

log=$root/build/demo.log
mkdir -p "$root/build"
echo "Building Farlook (what it says goes to build/demo.log) ..." >&2
if ! (cd "$root" && cmake --preset release && cmake --build --preset release --target farlook-server) >"$log" 2>&1; then
    tail -n 40 "$log" >&2
    echo "docker/demo.sh: the build failed; build/demo.log has all of it." >&2
    exit 1
fi

# --software: where there is no GPU, the processor does the work.
exec "$root/build/release/farlook-server" --software "$@"
