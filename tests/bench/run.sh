#!/bin/sh
# Everything that is measured, as one table; asserts nothing. About three minutes.
# usage: tests/bench/run.sh [bench_load's options]; --only open and --only pass are parts, too
set -eu
cd "$(dirname "$0")/../.."

only=
last=
for argument; do
    [ "$last" != --only ] || only=$argument
    last=$argument
done
wanted() { [ -z "$only" ] || [ "$only" = "$1" ]; }

[ -f build/release/build.ninja ] || cmake --preset release >/dev/null
cmake --build build/release --target farlook-server bench >/dev/null
/usr/bin/python3 tests/bench/make_maps.py build/bench
echo "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), $(nproc) cores"
programs=build/release/tests/bench
timeout 240 $programs/bench_load "$@" build/release/farlook-server build/bench
if wanted open; then timeout 240 $programs/bench_open --rows build/bench; fi
if wanted pass; then timeout 240 $programs/bench_pass --rows; fi
