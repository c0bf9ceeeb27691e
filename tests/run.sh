#!/usr/bin/env bash
# Every test there is, or the stages named.
# usage: tests/run.sh [STAGE...]     tests/README.md tells the stages
#
# Each stage counts what passed, failed and was skipped; the last line is the sum of all. A stage
# that counted nothing has failed: nothing is left out in silence. What programs say goes to
# build/log/, and to the screen where something failed.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

all_stages=(format shell build unit web protocol golden python e2e asan tsan clang tidy shaders fuzz)
jobs=$(nproc)
logs=build/log
passed=0 failed=0 skipped=0
declare -A built=()

# detect_stack_use_after_return: gcc 12 misaligns wide vectors on that stack (PR 110027); those of ours that
# lie in memory ask for no alignment (soft_kernels.inc, sums.c).
export ASAN_OPTIONS=detect_leaks=1:detect_stack_use_after_return=1
export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
export TSAN_OPTIONS=halt_on_error=1

# --- counting ---

# add NAME PASSED FAILED SKIPPED: one line on the screen, and into the sum.
add() {
    passed=$((passed + $2)) failed=$((failed + $3)) skipped=$((skipped + $4))
    printf '  %-22s %5d passed, %d failed, %d skipped\n' "$1" "$2" "$3" "$4"
}

# show LOG: what a person needs to see of a run that failed.
show() {
    if grep -qE '^FAILED|: error:|: warning:' "$1"; then # a compiler's, or a unit program's
        grep -E -A 12 '^FAILED|: error:|: warning:' "$1" | cut -c 1-400 | head -n 120
    elif grep -q 'failing tests:$' "$1"; then
        sed -n '/failing tests:$/,$p' "$1" | head -n 150
    elif grep -qE '^ *not ok ' "$1"; then
        grep -E -A 50 '^ *not ok ' "$1" | head -n 150
    else
        tail -n 60 "$1"
    fi
}

# counts_of LOG: "PASSED FAILED SKIPPED" as the program said it: by its own last line `N passed, N
# failed, N skipped`, or by node:test's summary. Nothing where it said neither.
counts_of() {
    awk '
        { gsub(/\033\[[0-9;]*m/, "") }
        match($0, /[0-9]+ passed, [0-9]+ failed(, [0-9]+ skipped)?$/) {
            split(substr($0, RSTART), n, /[^0-9]+/); own = n[1] + 0 " " n[2] + 0 " " n[3] + 0
        }
        /^(#|ℹ) (pass|fail|cancelled|skipped|todo) [0-9]+$/ { node[$2] += $3; seen = 1 }
        END {
            if (own != "") print own
            else if (seen) print node["pass"] + 0, node["fail"] + node["cancelled"], node["skipped"] + node["todo"]
        }' "$1"
}

# skips_of LOG: what was skipped and why; node:test's tests are told together where they share a reason.
skips_of() {
    awk '
        /^ *SKIPPED/ { sub(/^ */, "    "); print }
        /^ *﹣/ { why = $0; sub(/.*\) # /, "", why); n[why]++ }
        END { for (why in n) printf "    SKIPPED %d of them: %s\n", n[why], why }' "$1" | sort -u
}

# counted NAME SECONDS COMMAND...: runs a program that counts its own tests.
counted() {
    local name=$1 limit=$2 log=$logs/$1.log status=0 counts good bad left
    shift 2
    timeout --kill-after=20 "$limit" "$@" >"$log" 2>&1 </dev/null || status=$?
    counts=$(counts_of "$log")
    skips_of "$log"
    [ -n "$counts" ] || echo "  $name: told no count"
    read -r good bad left <<<"${counts:-0 1 0}"
    # A bad status without a failed test is a failure all the same, and so is nothing at all.
    if [ "$bad" -eq 0 ] && { [ "$status" -ne 0 ] || [ $((good + left)) -eq 0 ]; }; then
        echo "  $name: ended with status $status"
        bad=1
    fi
    [ "$bad" -eq 0 ] || show "$log"
    add "$name" "$good" "$bad" "$left"
}

# checked NAME COMMAND...: one test, which passes if the command does.
checked() {
    local name=$1 log=$logs/$1.log
    shift
    if "$@" >"$log" 2>&1 </dev/null; then
        add "$name" 1 0 0
    else
        show "$log"
        add "$name" 0 1 0
        return 1
    fi
}

# each NAME COMMAND...: a test for every file named on stdin, on all cores.
each() {
    local name=$1 log=$logs/$1.log bad n_bad files
    shift
    mapfile -t files
    : >"$log"
    # shellcheck disable=SC2016 # expands in the inner shell
    bad=$(printf '%s\n' "${files[@]}" | LOG=$log xargs -r -d '\n' -n 1 -P "$jobs" bash -c '
        said=$("$@" 2>&1 </dev/null) || { printf "%s\n" "$said" >>"$LOG"; echo "${*: -1}"; }' _ "$@")
    n_bad=$(printf '%s' "$bad" | grep -c '^')
    if [ "$n_bad" -gt 0 ]; then
        head -n 100 "$log"
        printf '%s\n' "$bad" | sed "s/^/  $name failed: /"
    fi
    add "$name" $((${#files[@]} - n_bad)) "$n_bad" 0
}

# --- building ---

# build PRESET [TARGET...]: configures and builds, once a run.
build() {
    local preset=$1
    shift
    [ -n "${built[$preset]-}" ] || {
        built[$preset]=no
        checked "build-$preset" build_now "$preset" "$@" && built[$preset]=yes
    }
    [ "${built[$preset]}" = yes ]
}

build_now() {
    local preset=$1
    shift
    # -k 0: every error there is, not the first one's alone
    CC=gcc cmake --preset "$preset" && cmake --build --preset "$preset" -j "$jobs" ${1:+--target "$@"} -- -k 0
}

# needs PRESET STAGE: a failed test of STAGE where that build failed.
needs() {
    build "$1" && return
    echo "  $2: not run, as build/$1 could not be built"
    add "$2" 0 1 0
    return 1
}

# --- stages ---

c_files() { find proto server client tests -name node_modules -prune -o -name '*.[ch]' -print | sort; }

unit_tests() {
    local preset=$1 name=unit-$1
    rm -f "$logs/$name.xml"
    # All that programs print is kept: their tests are counted by it.
    # shellcheck disable=SC2016 # expands in the inner shell
    counted "$name" 900 bash -c '
        ctest --preset "$1" -j "$2" --test-output-size-passed 1000000 --output-junit "$3" --quiet; status=$?
        python3 tests/lint/ctest_counts.py "$3" || status=1
        exit $status' _ "$preset" "$jobs" "$PWD/$logs/$name.xml"
}

# protocol_tests PRESET PATIENCE: node:test runs the files side by side.
protocol_tests() {
    FARLOOK_SERVER=build/$1/farlook-server FARLOOK_PATIENCE=$2 counted "protocol-$1" 600 \
        node --test --test-reporter=spec --test-concurrency="$jobs" tests/protocol/*.test.mjs
}

stage_format() { each format clang-format --dry-run -Werror < <(c_files); }
stage_shell() {
    each shellcheck shellcheck < <(
        echo .ci/run
        find . \( -name node_modules -o -path ./build \) -prune -o -name '*.sh' -print
    )
}
stage_build() { build dev; }
stage_unit() { needs dev unit && unit_tests dev; }

stage_web() {
    [ -d client/web/node_modules ] || checked npm-ci npm --prefix client/web ci --no-audit --no-fund || return
    checked web-types npm --prefix client/web run check
    counted web 300 npm --prefix client/web test
}

stage_protocol() { needs dev protocol && protocol_tests dev 1; }

stage_golden() {
    needs dev golden || return
    counted golden 600 node --test --test-reporter=spec tests/golden/*.test.mjs
    sed -n '/^worst errors/,/^$/p' "$logs/golden.log"
}

stage_python() {
    needs dev python && counted python 300 /usr/bin/python3 tests/python/run.py build/dev/farlook-server
}

stage_e2e() {
    needs dev e2e || return
    counted e2e 300 node tests/e2e/page.mjs build/dev/farlook-server build/e2e
    counted e2e-looks 300 node tests/e2e/looks.mjs build/dev/farlook-server build/e2e
    counted e2e-stories 300 node tests/e2e/stories.mjs build/dev/farlook-server build/e2e
}

stage_asan() { needs asan asan && unit_tests asan && protocol_tests asan 4; }
stage_tsan() { needs tsan tsan && unit_tests tsan && protocol_tests tsan 6; }
stage_clang() { build clang; }

stage_tidy() {
    # One file a process: clang-tidy 14 mixes up va_lists when it is given several. What the build
    # generates must be there; that all of it compiles need not be true to look at the rest.
    build clang
    each tidy clang-tidy --quiet -p build/clang < <(c_files | grep '\.c$')
}

stage_shaders() {
    each shaders glslangValidator < <(find shaders -name '*.vert' -o -name '*.frag' -o -name '*.comp')
}

# fuzz_one TARGET: 15 seconds from the seeds; what it finds stays in build/fuzz/found/.
fuzz_one() {
    local name=${1#fuzz_} seeds=()
    mkdir -p "build/fuzz/corpus/$name" build/fuzz/found
    for dir in tests/fuzz/corpus tests/fuzz/regression; do
        [ ! -d "$dir/$name" ] || seeds+=("$dir/$name")
    done
    timeout 120 "build/fuzz/tests/$1" -max_total_time=15 -timeout=10 -rss_limit_mb=3000 -print_final_stats=1 \
        "-artifact_prefix=build/fuzz/found/$name-" "build/fuzz/corpus/$name" "${seeds[@]}" >"build/log/$1.log" 2>&1 ||
        { tail -n 40 "build/log/$1.log"; return 1; }
}
export -f fuzz_one

stage_fuzz() {
    local targets target
    mapfile -t targets < <(find tests/fuzz -name 'fuzz_*.c' | sed 's:.*/::; s/\.c$//' | sort)
    [ ${#targets[@]} -gt 0 ] || return
    if ! build fuzz "${targets[@]}"; then
        add fuzz 0 ${#targets[@]} 0
        return
    fi
    # shellcheck disable=SC2016 # expands in the inner shell
    each fuzz bash -c 'fuzz_one "$1"' _ < <(printf '%s\n' "${targets[@]}")
    for target in "${targets[@]}"; do
        awk -v name="$target" '/ cov: / { for (i = 1; i < NF; i++) if ($i == "cov:") cov = $(i + 1) }
            /number_of_executed_units/ { runs = $2 }
            END { printf "    %s: %d runs, %d edges\n", name, runs, cov }' "$logs/$target.log"
    done
}

# --- main ---

stages=("$@")
[ $# -gt 0 ] || stages=("${all_stages[@]}")
for stage in "${stages[@]}"; do
    if ! declare -F "stage_$stage" >/dev/null; then
        echo "tests/run.sh: there is no stage $stage; the stages are: ${all_stages[*]}" >&2
        exit 2
    fi
done
docker/install.sh || exit 1
mkdir -p "$logs"

for stage in "${stages[@]}"; do
    printf '== %s\n' "$stage"
    before=$((passed + failed + skipped)) start=$SECONDS
    "stage_$stage"
    if [ $((passed + failed + skipped)) -eq "$before" ] && [[ ! $stage =~ ^(build|clang)$ ]]; then
        echo "  $stage: counted nothing"
        add "$stage" 0 1 0
    fi
    printf '   %s took %d s\n' "$stage" $((SECONDS - start))
done

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
