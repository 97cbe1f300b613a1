#!/bin/sh
# chapters.sh PAGES...: the handbook's list of chapters as HTML, in the order of PAGES (sources).
set -eu

heading() { sed -n 's/^# //p;/^# /q' "$1" | sed 's/&/\&amp;/g;s/</\&lt;/g;s/`//g'; }

page() {
    case $1 in
    docs/README.md) echo index.html ;;
    */README.md) echo "$(basename "$(dirname "$1")").html" ;;
    *) echo "$(basename "$1" .md).html" ;;
    esac
}

part=
for source in "$@"; do
    case $source in
    docs/README.md) this='The handbook' ;;
    labs/*) this='Labs' ;;
    exercises/*) this='Exercises' ;;
    docs/adr/*) this='Decisions' ;;
    *) this='How it works' ;;
    esac
    if [ "$this" != "$part" ]; then
        [ -z "$part" ] || echo '</ul>'
        printf '<p class="part">%s</p>\n<ul>\n' "$this"
        part=$this
    fi
    printf '<li><a href="%s">%s</a></li>\n' "$(page "$source")" "$(heading "$source")"
done
[ -z "$part" ] || echo '</ul>'
