#!/usr/bin/env bash
# Builds the static binaries that are given out, one archive a platform, and their checksums. The same commit gives the
# same bytes, wherever and whenever it is built: nothing of the machine, the folder or the hour is in them.
#
#   dist.sh FOLDER     writes the archives and SHA256SUMS there; what is there already is replaced
set -euo pipefail
out=$1
platforms=${DIST_PLATFORMS:-linux/amd64 linux/arm64 darwin/amd64 darwin/arm64}
tar --version 2>/dev/null | grep -q GNU || { echo "dist: GNU tar is needed (gnu-tar in Homebrew), for archives that are the same each time" >&2; exit 1; }

commit=$(git log -1 --format=%ct)
rm -rf "$out"
mkdir -p "$out"
for platform in $platforms; do
  name=sparky_${platform/\//_}
  inside=$out/$name
  mkdir "$inside"
  CGO_ENABLED=0 GOOS=${platform%/*} GOARCH=${platform#*/} GOFLAGS= GOEXPERIMENT= GOAMD64=v1 GOARM64=v8.0 \
    go build -trimpath -buildvcs=true -ldflags '-s -w -funcalign=1 -buildid=' -o "$inside/sparky" .
  GOOS=${platform%/*} GOARCH=${platform#*/} GOFLAGS= tools/dist/licences.sh >"$inside/LICENCES"
  cp README.md starter.yaml "$inside/"
  cp -R deploy docs "$inside/"
  find "$inside" -type d -exec chmod 755 {} +
  find "$inside" -type f -exec chmod 644 {} +
  chmod 755 "$inside/sparky"
  tar --sort=name --mtime="@$commit" --owner=0 --group=0 --numeric-owner --format=ustar -C "$out" -cf - "$name" | gzip -n -9 >"$inside.tar.gz"
  rm -rf "$inside"
done
(cd "$out" && sha256sum ./*.tar.gz | sed 's| \./| |' >SHA256SUMS && cat SHA256SUMS)
