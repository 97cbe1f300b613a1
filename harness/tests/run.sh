#!/bin/sh
# run.sh BUILD: what `make test` runs, one line a part, and the count at the end.
#
# A part is a test program (each of its Check checks counts) or a command that must end with 0.
set -u
build=$1
logs=$(mktemp -d "${TMPDIR:-/tmp}/svclab-test.XXXXXX") || exit 1
trap 'rm -rf "$logs"' EXIT
trap 'exit 130' INT TERM
passed=0 failed=0

part() { # part NAME COMMAND...
    name=$1
    shift
    log=$logs/$name
    begin=$(date +%s)
    status=0
    "$@" >"$log" 2>&1 || status=$?
    seconds=$(($(date +%s) - begin))
    counts=$(sed -n 's/^[0-9]*%: Checks: \([0-9]*\), Failures: \([0-9]*\), Errors: \([0-9]*\)$/\1 \2 \3/p' "$log" | tail -n 1)
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

for source in harness/tests/test_*.c; do
    program=$(basename "$source" .c)
    part "$program" "$build/asan/tests/$program"
done
# ThreadSanitizer cannot place its memory under some kernels' address randomisation.
fixed=
if setarch -R true 2>/dev/null; then fixed='setarch -R'; fi
for program in "$build"/tsan/tests/test_*; do
    case $program in *.d | *.o) continue ;; esac
    # shellcheck disable=SC2086 # a command and its option, or nothing
    part "tsan-$(basename "$program")" $fixed "$program"
done
part house-rules harness/lint.sh quick
again() { # again GOAL OPTION...: make, in the same build folder
    make --no-print-directory BUILD="$build" "$@"
}
part samples docs/samples.sh check "$build"
part handbook again handbook diagrams
part solutions again check LABS=solutions
part skeleton "$build/svclab" audit
part drills "$build/svclab" audit --tree exercises
part kill-matrix "$build/svclab" kill-matrix
for lab in 02 03; do
    part tests-of-lab-$lab again check-tests LAB=$lab LABS=solutions ENOUGH=90
done

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
