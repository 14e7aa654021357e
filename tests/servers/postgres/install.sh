#!/bin/sh
# Finds Debian's PostgreSQL (apt-get install postgresql) and links its programs into $1/postgres/bin.
set -eu
folder="$1/postgres"
bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
[ -n "$bin" ] && [ -x "$bin/initdb" ] || { echo "the state's tests need PostgreSQL (Debian: apt-get install postgresql)" >&2; exit 1; }
mkdir -p "$folder"
ln -sfn "$bin" "$folder/bin"
"$bin/postgres" --version >"$folder/ready"
