#!/bin/sh
# The layering rule, checked: who may include whom, and which folder owns which library.
# usage: layers.sh SOURCE_ROOT
set -eu
cd "$1"

allowed='
proto        proto
server/base  server/base proto
server/data  server/data server/base proto
server/encode server/encode server/base proto
server/gpu   server/gpu server/data server/base proto shaders.h
server/session server/session server/data server/base proto
server/net   server/net server/session server/data server/base proto
client/sdl   client/sdl proto
server/tools server/tools server/data server/base proto
'
owners='
libwebsockets.h  server/net client/sdl
epoxy/           server/gpu
turbojpeg.h      server/encode server/data client/sdl
png.h            server/encode server/data
zlib.h           server/encode server/data
msgpack.h        proto
zip.h            server/data
jansson.h        server/data server/net
SDL              client/sdl
pthread.h        server/base
'
bad=0
complain() { echo "$1: must not include $2"; bad=1; }

for dir in proto server/base server/data server/encode server/gpu server/session server/net server/tools client/sdl; do
    [ -d "$dir" ] || continue
    may=$(printf '%s\n' "$allowed" | awk -v d="$dir" '$1 == d { $1 = ""; print }')
    for hit in $(grep -rHo '#include "[^"]*"' "$dir" | sed 's/#include //; s/"//g'); do
        file=${hit%%:*} name=${hit#*:}
        case $name in
        */*) ;;
        shaders.h) ;;
        *) name=$(dirname "$file")/$name ;; # a neighbour
        esac
        ok=no
        for prefix in $may; do case $name in "$prefix" | "$prefix"/*) ok=yes ;; esac; done
        [ $ok = yes ] || complain "$file" "$name"
    done
    for hit in $(grep -rHo '#include <[^>]*>' "$dir" | sed 's/#include //; s/[<>]//g'); do
        file=${hit%%:*} name=${hit#*:}
        for library in $(printf '%s\n' "$owners" | awk 'NF { print $1 }'); do
            case $name in "$library"*) ;; *) continue ;; esac
            ok=no
            for owner in $(printf '%s\n' "$owners" | awk -v l="$library" '$1 == l { $1 = ""; print }'); do
                case $file in "$owner"/*) ok=yes ;; esac
            done
            [ $ok = yes ] || complain "$file" "<$name>"
        done
    done
done
exit $bad
