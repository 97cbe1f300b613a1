#!/bin/sh
# samples.sh check|write [BUILD]: the sample outputs in the pages, printed anew.
#
# A comment above a fenced block names the command that prints it, and a patch of the reference that
# is made first:
#
#     <!-- sample docs/samples/tour-late.patch: make check LAB=00 | sed -n '/^x/,/hint/p' -->
#
# `check` compares, and ends with 1 and the difference; `write` puts the new output into the page. The
# output is compared as it is, but for a story in real time: there every number is as good as any
# other, and so is every id. Such a block is written anew only when something else has changed.
set -u
cd "$(dirname "$0")/.." || exit 3
work=$(mktemp -d "${TMPDIR:-/tmp}/svclab-samples.XXXXXX") || exit 3
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

build=${2:-build}
case ${1:-} in check | write) mode=$1 ;; *) echo "usage: docs/samples.sh check|write [BUILD]" >&2; exit 64 ;; esac

# "FROM TO COMMENT": the lines of each sample's block, the last one of the page first.
samples_of() {
    awk '/^<!-- sample/ { comment = $0; next }
         comment != "" && /^```/ {
             if (!from) from = FNR + 1
             else { print from, FNR - 1, comment; comment = ""; from = 0 }
         }' "$1" | sort -rn
}

# print PATCH COMMAND: what the command says of the reference with the patch; LABS= is not shown.
print() {
    tree=solutions
    if [ -n "$1" ]; then
        lab=$(echo "$2" | sed 's/.*LAB=\([0-9]*\).*/\1/')
        lab=$(basename solutions/"$lab"-*[a-z])
        tree=$build/samples/$(basename "$1" .patch)
        rm -rf "$tree" && mkdir -p "$tree" && cp -RL "solutions/$lab" "$tree" &&
            patch -s -F0 -p1 -d "$tree/$lab" <"$1" || return 1
    fi
    sh -c "$(echo "$2" | sed "s|^make check|make -s --no-print-directory BUILD=$build check LABS=$tree|")" 2>"$work/errors" |
        sed -e ':join' -e '/ \\$/ { N; s/ *\\\n */ /; b join' -e '}' -e "s| LABS=$tree||"
}

comparable() {
    if grep -q '^  story     (ms)' "$1"; then
        sed -E 's/[0-9a-f]{4}\.\.[0-9a-f]{4}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/ID/g
                s/[0-9]+/N/g; s/ +/ /g' "$1"
    else
        cat "$1"
    fi
}

sample() { # sample PAGE FROM TO COMMENT
    command=$(echo "$4" | sed 's/^<!-- sample[^:]*: *\(.*[^ ]\) *-->$/\1/')
    file=$(echo "$4" | sed -n 's/^<!-- sample \([^: ]*\):.*/\1/p')
    sed -n "$2,$3p" "$1" >"$work/old"
    print "$file" "$command" >"$work/new"
    comparable "$work/old" >"$work/a"
    comparable "$work/new" >"$work/b"
    cmp -s "$work/a" "$work/b" && return
    if [ ! -s "$work/new" ]; then
        echo "$1:$2: '$command' prints nothing: $(cat "$work/errors")"
        : >"$work/failed"
    elif [ "$mode" = write ]; then
        { head -n $(($2 - 1)) "$1"; cat "$work/new"; tail -n +$(($3 + 1)) "$1"; } >"$work/page"
        cat "$work/page" >"$1"
        echo "$1:$2: written"
    else
        echo "$1:$2: '$command' prints something else now (+). Write it there by: make samples"
        diff -u "$work/old" "$work/new" | tail -n +3
        : >"$work/failed"
    fi
}

for page in $(grep -l '^<!-- sample' README.md docs/*.md labs/*/README.md exercises/*.md exercises/*/README.md); do
    samples_of "$page" >"$work/list"
    while read -r from to comment; do
        sample "$page" "$from" "$to" "$comment" </dev/null
    done <"$work/list"
done
[ ! -e "$work/failed" ]
