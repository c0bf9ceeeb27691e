#!/bin/sh
# Everything that is measured at the socket, as one table; asserts nothing. About two minutes.
# usage: tests/bench/run.sh [bench_load's options]
set -eu
cd "$(dirname "$0")/../.."

[ -f build/release/build.ninja ] || cmake --preset release >/dev/null
cmake --build build/release --target farlook-server bench_load >/dev/null
/usr/bin/python3 tests/bench/make_maps.py build/bench
echo "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), $(nproc) cores"
exec timeout 240 build/release/tests/bench/bench_load "$@" build/release/farlook-server build/bench
