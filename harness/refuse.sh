#!/bin/sh
# refuse.sh OBJECT...: student objects must not replace or switch off the sanitizers that watch them.
# A definition of a runtime symbol shows in the object; the attribute shows in its dependency's source.
set -eu
for object in "$@"; do
    if nm --defined-only "$object" | grep -E ' _*(asan|ubsan|lsan|tsan|sanitizer)_' >&2; then
        echo "$object defines a symbol of the sanitizer's own: rename it." >&2
        exit 1
    fi
    source=$(sed -n '1s/^[^:]*: *\([^ ]*\.c\).*/\1/p' "${object%.o}.d")
    if [ -n "$source" ] && grep -nE 'no_sanitize|disable_sanitizer|_san_default_options' "$source" >&2; then
        echo "$source switches a sanitizer off: the course is graded with them on." >&2
        exit 1
    fi
done
