#!/bin/sh
# deps.sh need SET | install SET | doctor: the Debian packages that this project stands on.
#
# `need` is quiet when all is there; what is missing it installs, and says so. A line of the table:
# package, the sets that need it, what it is for.
set -eu

table='
gcc|check|compiles everything
libc6-dev|check|C library headers
binutils|check|ar, ld, nm
make|check|runs the commands
libcurl4-openssl-dev|check|calls between services
libsqlite3-dev|check|the database of the services
libcjson-dev|check|reads JSON
nettle-dev|check|SHA-256 of request bodies
check|check|runs the suites of the judge
libarchive-dev|check|reads the archives that a class hands in
curl|test|runs the examples of the pages as they are typed
patch|test|makes the mutants of the kill matrix
graphviz|test|draws graphs in reports and the handbook
pandoc|test|makes the handbook
valgrind|test|looks for leaks in the services
wrk|bench|makes load for the benchmarks
libmicrohttpd-dev|bench|a bare HTTP handler, the limit that the services are compared with
gdb|all|make debug
clang|all|second compiler for make lint
clang-format|all|layout for make format and make lint
cppcheck|all|static analysis for make lint
'

rows() { # rows SET: its lines of the table; each set holds the ones before it
    case $1 in
    check) sets='check' ;;
    test) sets='check|test' ;;
    bench) sets='check|test|bench' ;;
    all) sets='check|test|bench|all' ;;
    *) echo "deps.sh: unknown set '$1': use check, test, bench or all." >&2; exit 2 ;;
    esac
    printf '%s' "$table" | grep -E "^[^|]+\|($sets)\|"
}

installed() {
    dpkg-query -W -f '${Status}' "$1" 2>/dev/null | grep -q 'ok installed'
}

missing() { # one question for all packages: this is asked before every check
    # shellcheck disable=SC2046 # the list is words
    there=$(dpkg-query -W -f '${Package} ${Status}\n' $(rows "$1" | cut -d'|' -f1) 2>/dev/null | sed -n 's/ .* ok installed$//p') || true
    rows "$1" | while IFS='|' read -r package _ _; do
        case "
$there
" in *"
$package
"*) ;; *) printf '%s ' "$package" ;; esac
    done
}

doctor() {
    command -v dpkg-query >/dev/null || { echo "This is not Debian or a relative of it. Needed: $(rows all | cut -d'|' -f1 | tr '\n' ' ')"; exit 1; }
    absent=0
    rows all | {
        while IFS='|' read -r package set purpose; do
            if installed "$package"; then state=' ok    '; else state='MISSING'; absent=1; fi
            printf '%s  %-22s %-6s %s\n' "$state" "$package" "$set" "$purpose"
        done
        if [ "$absent" = 0 ]; then
            echo "Everything is here."
        else
            echo "make deps installs what is missing. make check needs only the rows marked check."
            exit 1
        fi
    }
}

install_packages() { # install_packages SET
    if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
        cc=$(command -v cc || true)
        [ -n "$cc" ] && [ "$2" = need ] && return 0 # not Debian: let the compiler say what it lacks
        echo "svclab installs its packages with apt-get, which is not here. Install the like of: $(rows "$1" | cut -d'|' -f1 | tr '\n' ' ')" >&2
        exit 1
    fi
    list=$(missing "$1")
    [ -n "$list" ] || return 0
    echo "Missing Debian packages: $list"
    if [ "$(id -u)" = 0 ]; then
        as_root=
    elif command -v sudo >/dev/null; then
        as_root=sudo
    else
        echo "Neither root nor sudo here. Ask for: apt-get install --no-install-recommends $list" >&2
        exit 1
    fi
    if [ -t 0 ] && [ -t 1 ]; then
        printf 'Install them now with %sapt-get? [Y/n] ' "${as_root:+sudo }"
        read -r answer
        case $answer in [nN]*) echo "Nothing installed." >&2; exit 1 ;; esac
    fi
    # shellcheck disable=SC2086 # the list is words
    {
        $as_root apt-get update -qq &&
        DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends $list >/dev/null
    } || { echo "apt-get could not install them: read its words above, then run make deps again." >&2; exit 1; }
    echo "Installed."
}

case ${1:-} in
need) install_packages "${2:?}" need ;;
install) install_packages "${2:?}" install; echo "All packages are here." ;;
doctor) doctor ;;
*) echo "use: deps.sh need SET | install SET | doctor" >&2; exit 2 ;;
esac
