#!/bin/sh
# Installs what is missing of docker/packages.txt (Debian 12).
# usage: docker/install.sh [--demo]     --demo: without what only the tests need
set -eu
list=$(dirname "$0")/packages.txt

say() { echo "docker/install.sh: $*" >&2; }

# True where command $1 exists in version $2.$3 or newer.
have() {
    command -v "$1" >/dev/null 2>&1 || return 1
    "$1" --version 2>/dev/null | head -n 1 | grep -o '[0-9][0-9]*\.[0-9][0-9]*' | head -n 1 |
        awk -F. -v major="$2" -v minor="$3" '{ ok = $1 > major || ($1 == major && $2 >= minor) } END { exit !ok }'
}

# A program that did not come from Debian counts as installed where it is new enough.
instead() {
    case $1 in
    nodejs) have node 18 0 ;;
    npm) have node 18 0 && command -v npm >/dev/null 2>&1 ;;
    cmake) have cmake 3 25 ;;
    ninja-build) have ninja 1 10 ;;
    git) have git 2 0 ;;
    *) return 1 ;;
    esac
}

wanted=$(sed 's/^#.*//' "$list")
[ "${1-}" != --demo ] || wanted=$(printf '%s\n' "$wanted" | grep -v '# tests:')
wanted=$(printf '%s\n' "$wanted" | sed 's/#.*//')

if ! command -v apt-get >/dev/null 2>&1 || ! command -v dpkg-query >/dev/null 2>&1; then
    say "there is no apt-get here; install what docker/packages.txt lists by your system's own means."
    exit 1
fi

installed=$(dpkg-query -W -f '${db:Status-Abbrev} ${Package}\n' 2>/dev/null | sed -n 's/^ii *//p')
missing=
for package in $wanted; do
    printf '%s\n' "$installed" | grep -qxF "$package" && continue
    instead "$package" && continue
    missing="$missing $package"
done
[ -n "$missing" ] || exit 0

root=
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null 2>&1; then
        say "run this as root, or install by hand:$missing"
        exit 1
    fi
    root=sudo
fi

# apt is quiet unless it fails. Package lists are fetched only where the ones here do not do.
log=$(mktemp)
trap 'rm -f "$log"' EXIT
get() {
    # shellcheck disable=SC2086 # a list of names
    $root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install $missing \
        </dev/null >>"$log" 2>&1
}
say "installing$missing"
if ! get && ! { $root apt-get -qq update </dev/null >>"$log" 2>&1 && get; }; then
    cat "$log" >&2
    say "apt-get could not install$missing; what it said stands above."
    exit 1
fi
