#!/bin/sh
# fresh.sh BUILD FLAGS [COMMAND...]: takes away from BUILD what was made of other content than is
# there now, then runs the command; meanwhile no other make works in BUILD.
#
# make remakes what is older than its sources. Dates lie: a course unpacked over an older one, a file
# put back from an archive, a clock that was wrong, a disk that counts in two seconds, a build folder
# that was moved. So the hash of every source, and the flags, are kept in BUILD/sources. Where they
# differ, the objects made from it go, and with them all that is linked; the rest stays.
set -u
export LC_ALL=C
build=$1 flags=$2
shift 2

case $build in
'' | -* | *[!A-Za-z0-9._/+-]*)
    echo "BUILD=$build: a build folder's name has letters, digits, and any of . _ / + - only." >&2
    exit 64
    ;;
esac
# One at a time. Whoever compiles has the lock too, so it is held until the last of them has ended,
# whoever is killed.
if ! mkdir -p "$build" 2>/dev/null || ! true 2>/dev/null >>"$build/lock" || ! true 2>/dev/null >"$build/sources.new"; then # ":" would end sh
    owner=$(stat -c %U "$build" 2>/dev/null || echo nobody)
    echo "$build cannot be written by $(id -un): it belongs to $owner. Own it (sudo chown -R $(id -un) $build), remove it, or say BUILD=another-folder." >&2
    exit 3
fi
exec 9>>"$build/lock"
if command -v flock >/dev/null && ! flock -n 9; then
    echo "Another make works in $build: this one waits for it." >&2
    flock 9
fi

fail() {
    echo "$build cannot be brought up to date: $*. Free some space there, own it (sudo chown -R $(id -un) $build), or remove it." >&2
    exit 3
}

# The hashes of all that make compiles, and of what says how. A manifest says what is given.
{
    printf 'folder %s\nflags %s\n' "$build" "$flags"
    sha256sum Makefile harness/*.mk && find labs exercises \( -name lab.mk -o -name manifest \) -type f -exec sha256sum {} + | sort -k 2
} >"$build/rules.new" || fail "its list cannot be written"
find labs exercises harness solutions -name '*.[chS]' -type f -exec sha256sum {} + | sort -k 2 >"$build/sources.new" ||
    fail "its list cannot be written"

made="debug asan tsan release peers svclab" # below BUILD: of ours, by dates

remove_linked() { # programs, archives and recipes are made of many objects
    (cd "$build" && for each in $made; do if [ -e "$each" ]; then find "$each" -type f \( -perm -100 -o -name '*.a' -o -name recipe \) -exec rm -f {} + || exit; fi; done) ||
        fail "an old program cannot be removed"
}

if ! cmp -s "$build/rules.new" "$build/rules"; then
    (cd "$build" && for each in $made; do rm -rf "$each" || exit; done) || fail "an old object cannot be removed"
    mv "$build/rules.new" "$build/rules" && mv "$build/sources.new" "$build/sources" || fail "its list cannot be written"
elif ! cmp -s "$build/sources.new" "$build/sources"; then
    # The paths whose hash is another one, or that are in one list only.
    sort "$build/sources.new" "$build/sources" | uniq -u | sed 's/^[^ ]* *//' | sort >"$build/differ"
    sort -u "$build/differ" >"$build/changed"
    find "$build" -name '*.d' -exec grep -lwFf "$build/changed" {} + >"$build/stale"
    sed 's/\.d$/.o/' "$build/stale" | tr '\n' '\0' | xargs -0 rm -f || fail "an old object cannot be removed"
    # A student's own files are in no object of ours: then nothing is linked anew. But a file that is
    # new, or gone, is in one list only, and changes what is linked from what.
    if [ -s "$build/stale" ] || [ -n "$(uniq -u "$build/differ")" ] || grep -qE '^(harness|labs/kit|labs/probe)/' "$build/changed"; then
        remove_linked
    fi
    mv "$build/sources.new" "$build/sources" || fail "its list cannot be written"
fi
rm -f "$build/sources.new" "$build/rules.new" "$build/differ" "$build/changed" "$build/stale"
if [ $# -gt 0 ]; then exec "$@"; fi
