#!/bin/sh
# The layering rule, checked: who may include whom, and which folder owns which library.
# usage: layers.sh SOURCE_ROOT
set -eu
cd "$1"

folders='proto server/base server/data server/encode server/gpu server/session server/net server/tools client/sdl'
allowed='
proto          proto
server/base    server/base proto
server/data    server/data server/base proto
server/encode  server/encode server/base proto
server/gpu     server/gpu server/data server/base proto shaders.h
server/session server/session server/data server/base proto
server/net     server/net server/session server/data server/base proto
server/tools   server/tools server/data server/base proto
client/sdl     client/sdl proto
'
owners='
libwebsockets.h  server/net client/sdl
epoxy/           server/gpu
turbojpeg.h      server/encode server/data client/sdl
png.h            server/base server/data
zlib.h           server/base
msgpack.h        proto
zip.h            server/data
jansson.h        server/data server/net
SDL              client/sdl
pthread.h        server/base
'
bad=0
complain() {
    echo "$1: must not include $2"
    bad=1
}

# row TABLE KEY: what stands behind KEY in a table.
row() { printf '%s\n' "$1" | awk -v key="$2" '$1 == key { $1 = ""; print }'; }

# includes FOLDER PATTERN: "file name" for each include that fits.
includes() { grep -rHo --include='*.[ch]' "#include $2" "$1" | sed 's/:#include [<"]/ /; s/[>"]$//' || true; }

for folder in $folders; do
    [ -d "$folder" ] || continue
    may=$(row "$allowed" "$folder")
    while read -r file name; do
        [ -n "$file" ] || continue
        case $name in
        */* | shaders.h) ;;
        *) name=$(dirname "$file")/$name ;; # a neighbour
        esac
        ok=no
        for prefix in $may; do
            case $name in "$prefix" | "$prefix"/*) ok=yes ;; esac
        done
        [ $ok = yes ] || complain "$file" "$name"
    done <<END
$(includes "$folder" '"[^"]*"')
END
    while read -r file name; do
        [ -n "$file" ] || continue
        for library in $(printf '%s\n' "$owners" | awk 'NF { print $1 }'); do
            case $name in "$library"*) ;; *) continue ;; esac
            ok=no
            for owner in $(row "$owners" "$library"); do
                case $file in "$owner"/*) ok=yes ;; esac
            done
            [ $ok = yes ] || complain "$file" "<$name>"
        done
    done <<END
$(includes "$folder" '<[^>]*>')
END
done

# A new folder must get its row above.
for folder in server/*/ client/sdl/; do
    [ -d "$folder" ] || continue
    case " $folders " in *" ${folder%/} "*) ;; *) complain "$folder" "anything before tests/lint/layers.sh knows it" ;; esac
done
exit $bad
