#!/bin/sh
# Installs Keycloak from Maven into $1/keycloak and does its build step, so that each start is quick.
set -eu
VERSION=26.7.4
folder="$1/keycloak"
[ "$(cat "$folder/ready" 2>/dev/null)" = "$VERSION" ] && exit 0
command -v mvn >/dev/null || { echo "keycloak needs mvn (Debian: apt-get install maven)" >&2; exit 1; }
command -v java >/dev/null || { echo "keycloak needs java (Debian: apt-get install default-jre-headless)" >&2; exit 1; }
rm -rf "$folder"
mkdir -p "$folder"
artifact="org.keycloak:keycloak-quarkus-dist:$VERSION:zip"
mvn -q -B dependency:get -Dartifact="$artifact" -Dtransitive=false
mvn -q -B dependency:copy -Dartifact="$artifact" -DoutputDirectory="$folder"
python3 -m zipfile -e "$folder/keycloak-quarkus-dist-$VERSION.zip" "$folder"
rm "$folder/keycloak-quarkus-dist-$VERSION.zip"
mv "$folder/keycloak-$VERSION" "$folder/server"
chmod +x "$folder/server/bin/kc.sh"
# The options that are fixed when the server is built; with them `start-dev --optimized` needs no build of its own.
"$folder/server/bin/kc.sh" build --db=dev-mem --cache=local --health-enabled=true >"$folder/build.log" 2>&1 ||
    { tail -n 20 "$folder/build.log" >&2; exit 1; }
echo "$VERSION" >"$folder/ready"
