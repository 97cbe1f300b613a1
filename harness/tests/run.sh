#!/bin/sh
# run.sh BUILD: what `make test` runs, one line per part, and the count at the end.
#
# A part is a test program (each of its Check checks counts) or a command that must end with 0.
set -u
build=$1
logs=$(mktemp -d "${TMPDIR:-/tmp}/svclab-test.XXXXXX") || exit 1
trap 'rm -rf "$logs"' EXIT
trap 'exit 130' INT TERM
passed=0 failed=0

# A part has run: its log is $logs/NAME, its exit status and seconds are in $logs/NAME.end.
report() { # report NAME
    log=$logs/$1
    read -r status seconds <"$log.end" || status=126 seconds=0
    counts=$(sed -n 's/^[0-9]*%: Checks: \([0-9]*\), Failures: \([0-9]*\), Errors: \([0-9]*\)$/\1 \2 \3/p' "$log" | tail -n 1)
    name=$1
    # shellcheck disable=SC2086 # three numbers
    set -- ${counts:-1 0 0}
    bad=$(($2 + $3))
    if [ "$status" != 0 ] && [ "$bad" = 0 ]; then bad=1; fi
    passed=$((passed + $1 - bad))
    failed=$((failed + bad))
    if [ "$bad" = 0 ]; then
        printf 'ok      %-28s %4d in %d s\n' "$name" "$1" "$seconds"
    else
        printf 'FAILED  %-28s %4d of %d, exit status %d\n' "$name" "$bad" "$1" "$status"
        tail -n 60 "$log" | sed 's/^/    /'
    fi
}

# What runs a part: sh -c "$run" run LOG COMMAND...
run='log=$1 status=0
shift
begin=$(date +%s)
"$@" >"$log" 2>&1 || status=$?
echo "$status $(($(date +%s) - begin))" >"$log.end"'

part() { # part NAME COMMAND...
    name=$1
    shift
    sh -c "$run" run "$logs/$name" "$@"
    report "$name"
}

# ThreadSanitizer cannot place its memory under some kernels' address randomisation.
fixed=
if setarch -R true 2>/dev/null; then fixed='setarch -R'; fi

# The test programs, as many at a time as there are cores: most of them wait more than they work.
programs() {
    for source in harness/tests/test_*.c; do
        name=$(basename "$source" .c)
        echo "$logs/$name $build/asan/tests/$name"
        if [ -x "$build/tsan/tests/$name" ]; then echo "$logs/tsan-$name $fixed $build/tsan/tests/$name"; fi
    done
}
programs | xargs -P "$(nproc)" -L 1 sh -c "$run" run
for end in "$logs"/*.end; do report "$(basename "$end" .end)"; done

part house-rules harness/lint.sh quick
again="make --no-print-directory BUILD=$build"
# shellcheck disable=SC2086 # $again is a command and its options
{
    part samples docs/samples.sh check "$build"
    part handbook $again handbook diagrams
    part solutions $again check LABS=solutions
    part skeleton "$build/svclab" audit
    part drills "$build/svclab" audit --tree exercises
    part kill-matrix "$build/svclab" kill-matrix --jobs $(($(nproc) + 1)) # clusters wait now and then
    for lab in 02 03; do # those of lab 04 take two minutes: make check-tests LAB=04 LABS=solutions
        part tests-of-lab-$lab $again check-tests LAB=$lab LABS=solutions ENOUGH=90
    done
}

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
