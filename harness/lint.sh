#!/bin/sh
# lint.sh [quick]: the house rules that a program can see. quick needs no tool but grep and awk.
set -u
status=0
say() { echo "lint: $*" >&2; status=1; }
files=$(git ls-files '*.c' '*.h' 2>/dev/null)
[ -n "$files" ] || files=$(find labs solutions harness exercises -name '*.[ch]' -type f)

# Limits of shape.
for file in $files; do
    [ -f "$file" ] || continue
    awk -v file="$file" '
        length($0) > 100 { printf "lint: %s:%d: longer than 100 columns\n", file, FNR; bad = 1 }
        END { if (NR > 500) { printf "lint: %s: %d lines, 500 is the limit\n", file, NR; bad = 1 } exit bad }
    ' "$file" >&2 || status=1
done

# Banned calls (style: bounded and reentrant ones instead), and words that belong to skeletons.
banned='strcpy|strcat|sprintf|vsprintf|strtok|atoi|atol|gets|localtime|system|alloca|rand|srand'
# shellcheck disable=SC2086 # a list of files
if grep -nE "(^|[^A-Za-z0-9_.>\"])($banned) *\(" $files | grep -vE '^[^:]+:[0-9]+: *(/?\*|//)' >&2; then
    say "banned calls above"
fi
skeletons='^labs/[0-9][0-9]-[a-z]+/'
# shellcheck disable=SC2086
if grep -nE '(^|[^A-Z_])(TODO|FIXME|XXX)([^A-Z_]|$)' $(echo "$files" | grep -vE "$skeletons" | grep -v '^labs/kit/error.h$') | grep -v ERR_TODO | grep -v '"todo"' | grep -vE 'TODO\(step|skeleton' >&2; then
    say "unfinished work above"
fi

# One way to write each thing: rules that a pattern sees.
types='void|char|int|long|short|float|double|unsigned|signed|const|struct|enum|union|[a-z_0-9]+_t|Elf64_[A-Z][a-z]+'
# shellcheck disable=SC2086
if grep -nP "\\bsizeof\\((?!(?:$types)\\b)" $files >&2; then
    say "sizeof of an object needs no parentheses"
fi
# shellcheck disable=SC2086
if grep -nE '([^]] = |\))\{(\.[a-z_]+ = (0|NULL|"")|NULL|""|\{0\})\}[;,]' $files >&2; then
    say "zero is written {0}"
fi
# shellcheck disable=SC2086
if grep -nE '"(Cannot|There|The|An?|No|This|Out of) ' $(echo "$files" | grep ^harness/) | grep -E '(error_set|run_error)\(' >&2; then
    say "an error sentence begins with a small letter and has no full stop; a rule, a hint or the answer to a client is a whole sentence"
fi
# shellcheck disable=SC2086
if grep -n "cJSON_GetObjectItem" $(echo "$files" | grep ^harness/ | grep -v "/json_read.c$") >&2; then
    say "members of JSON are read by base/json_read.h"
fi
# shellcheck disable=SC2086
if grep -nE 'static .*now_[mn]s\(void\)|clock_gettime\(CLOCK_MONOTONIC' $(echo "$files" | grep -v '^labs/kit/clock.c$') >&2; then
    say "the monotonic clock is read by monotonic_ms and monotonic_ns of kit/clock.h"
fi
for file in $files; do
    [ -f "$file" ] || continue
    LC_ALL=C awk -v file="$file" '
        function wrong(what) { printf "lint: %s:%d: %s\n", file, FNR, what; bad = 1 }
        FNR == 1 { before = held = "" }
        /^ *}$/ && held ~ /;$/ && before ~ /^ *(if|for|while) \(.*{$/ { wrong("braces around one statement") }
        /^#include/ {
            name = $2
            rank = name ~ /^</ ? 1 : 2
            if (block && (rank < last || (rank == last && name < newest)) && !(own && file ~ /\.c$/))
                wrong("includes: own header, then those of the system, then those of the project, each block sorted")
            own = !block && rank == 2
            block = 1; last = rank; newest = name
        }
        !/^#include/ && !/^$/ { block = 0 }
        { before = held; held = $0 }
        END { exit bad }
    ' "$file" >&2 || status=1
done

if [ "${1:-}" = quick ]; then exit "$status"; fi

# shellcheck disable=SC2086
clang-format --dry-run -Werror $files || say "layout differs: run make format"

include='-iquote labs -iquote harness'
flags="$(make -s print-flags) -DBUILD_FOLDER=\"build\""
for compiler in gcc clang; do
    for file in $files; do
        case $file in *.h) continue ;; esac
        lab=$(basename "$(dirname "$file")")
        # shellcheck disable=SC2086
        $compiler $flags -Werror -fsyntax-only $include -iquote "labs/$lab" -iquote "exercises/$lab" "$file" || say "$compiler: $file"
    done
done

# shellcheck disable=SC2086
cppcheck --quiet --std=c11 --enable=warning,portability,performance --inline-suppr --error-exitcode=1 \
    --suppress=missingIncludeSystem -j 2 -I labs -I harness -I labs/01-order -I labs/00-tour \
    $(echo "$files" | grep '\.c$') || say "cppcheck: see above"

[ "$status" = 0 ] && echo "lint: clean"
exit "$status"
