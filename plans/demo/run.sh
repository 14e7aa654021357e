#!/bin/sh
# The demo: moves the people of "Harbour Books" in a fresh copy of this folder, offline.
#   sh plans/demo/run.sh POOLSHIFT     POOLSHIFT = the command, e.g. /path/to/.venv/bin/poolshift
# Ends with 0 when every command ended as expected; the copy stays in plans/demo/work for you to look at.
set -u

if [ "$#" -ne 1 ]; then
    echo "usage: sh run.sh POOLSHIFT" >&2
    exit 64
fi
case $1 in
    */*) poolshift=$(CDPATH='' cd -- "$(dirname -- "$1")" && pwd)/$(basename -- "$1") ;;
    *) poolshift=$(command -v "$1") ;;
esac
# The environment the command lives in also runs the script that makes the destination.
python=$(dirname "$poolshift")/python
demo=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
work=$demo/work

# expect CODE WHY COMMAND…: echoes the command, runs it, and stops the demo on any other exit code.
# $shown = how many lines of its output to show.
shown=1000
expect() {
    wanted=$1
    why=$2
    shift 2
    printf '\n$ poolshift'
    for word in "$@"; do
        case $word in
            *[!A-Za-z0-9_.=/:-]*) printf " '%s'" "$word" ;;
            *) printf ' %s' "$word" ;;
        esac
    done
    printf '\n'
    "$poolshift" "$@" >output.txt 2>&1
    code=$?
    head -n "$shown" output.txt
    [ "$(wc -l <output.txt)" -le "$shown" ] || echo "…"
    if [ "$code" -ne "$wanted" ]; then
        echo "demo: expected exit code $wanted, got $code" >&2
        exit 1
    fi
    echo "(exit code $code: $why)"
}

rm -rf "$work"
mkdir "$work" || exit 1
cp -R "$demo/export" "$demo/groups" "$demo/pool.json" "$demo/migration.yaml" "$work" || exit 1
cd "$work" || exit 1
"$python" "$demo/destination.py" people.db || exit 1
echo "A pool of Harbour Books with 206 people, and a destination where 8 people are already, in $(basename "$work")/."

expect 0 "the spec is sound" validate migration.yaml
shown=3
expect 0 "planned; nothing was written to the destination" plan migration.yaml --out first.plan
shown=1000
expect 0 "the same plan in full, from its file" show first.plan
expect 6 "refused: two limits are 0, and nobody said the exact numbers" apply first.plan
expect 4 "done; the conflicts and the hold were left out, and need a person" \
    apply first.plan --accept adopt=5 --accept privilege_grants=2
expect 4 "no changes; the conflicts are still open" plan migration.yaml --out second.plan --detailed-exitcode
expect 4 "every difference that is left is one of those" verify migration.yaml

rm output.txt
echo "
Look further in $(basename "$work")/: explain, report, drift, status, state list, export-ids, resolve."
