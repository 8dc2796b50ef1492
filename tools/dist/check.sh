#!/usr/bin/env bash
# Holds that the archives of this commit can be made again by anybody: built here and in a clone elsewhere, with a cache
# of its own, they have the same checksums. It takes the commit, not what is changed beside it.
set -euo pipefail
work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
for at in one/here two/somewhere/else; do
  git clone -q . "$work/$at"
  (cd "$work/$at" && GOCACHE="$work/cache-${at%%/*}" TZ=$([ "$at" = one/here ] && echo UTC || echo Asia/Tokyo) tools/dist/dist.sh dist >/dev/null)
done
diff "$work/one/here/dist/SHA256SUMS" "$work/two/somewhere/else/dist/SHA256SUMS"
echo "built twice in different folders and time zones, with empty caches: the same bytes"
cat "$work/one/here/dist/SHA256SUMS"
