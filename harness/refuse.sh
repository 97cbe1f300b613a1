#!/bin/sh
# refuse.sh OBJECT...: student objects must not replace or switch off the sanitizers that watch them.
# A definition of a runtime symbol shows in the object; the attribute shows in its dependency's source.
set -eu
if nm -A --defined-only "$@" | grep -E ' _*(asan|ubsan|lsan|tsan|sanitizer)_' >&2; then
    echo "This object defines a symbol of the sanitizer's own: rename it." >&2
    exit 1
fi
rules=
for object in "$@"; do rules="$rules ${object%.o}.d"; done
# shellcheck disable=SC2086 # paths of ours, without spaces
sources=$(sed -s -n '1s/^[^:]*: *\([^ ]*\.c\).*/\1/p' $rules)
# shellcheck disable=SC2086
if [ -n "$sources" ] && grep -HnE 'no_sanitize|disable_sanitizer|_san_default_options' $sources >&2; then
    echo "This file switches a sanitizer off: the course is graded with them on." >&2
    exit 1
fi
