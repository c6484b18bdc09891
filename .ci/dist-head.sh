#!/bin/sh
# CodeMemory in one file: this script, and behind it a compressed archive of the program with all its packages.
# The archive is unpacked once for each user; from then on a start costs what it costs in an installed environment.
set -u

build=@BUILD@
python=@PYTHON@
lines=@LINES@

home=${XDG_CACHE_HOME:-${HOME:+$HOME/.cache}}
fail() {
    # A hook is never in the way of the client.
    if [ "${1-}" = hook ]; then exit 0; fi
    shift
    echo "codememory: $*" >&2
    exit 1
}
if [ -z "$home" ]; then fail "${1-}" "there is no home folder: set HOME or XDG_CACHE_HOME."; fi
folder=$home/codememory/$build

if [ ! -f "$folder/ready" ]; then
    command -v "$python" >/dev/null 2>&1 || fail "${1-}" "this file needs $python on PATH."
    umask 077
    fresh=$folder.$$
    mkdir -p "$fresh" 2>/dev/null || fail "${1-}" "$home cannot be written to."
    if tail -n "+$lines" "$0" | tar -xzf - -C "$fresh" 2>/dev/null &&
        "$python" -I -S -X no_debug_ranges -m compileall -q "$fresh/site/codememory" >/dev/null 2>&1; then
        # Whoever comes first wins; both have the same.
        if [ -d "$folder" ] || ! mv "$fresh" "$folder" 2>/dev/null; then rm -rf "$fresh"; fi
        "$python" -I -X no_debug_ranges "$folder/site/codememory/bundle.py" "$folder/site" </dev/null >/dev/null 2>&1
        : >"$folder/ready"
    else
        rm -rf "$fresh"
        fail "${1-}" "the archive in $0 could not be unpacked."
    fi
fi
exec "$python" -I -S "$folder/site/codememory/__main__.py" "$@"
