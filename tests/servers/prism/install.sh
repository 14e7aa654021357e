#!/bin/sh
# Installs Stoplight's Prism from npm into $1/prism.
set -eu
VERSION=5.16.0
folder="$1/prism"
[ "$(cat "$folder/ready" 2>/dev/null)" = "$VERSION" ] && exit 0
command -v npm >/dev/null || { echo "prism needs npm (Debian: apt-get install npm)" >&2; exit 1; }
rm -rf "$folder"
mkdir -p "$folder"
npm install --silent --no-audit --no-fund --no-package-lock --prefix "$folder" "@stoplight/prism-cli@$VERSION"
echo "$VERSION" >"$folder/ready"
