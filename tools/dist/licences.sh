#!/usr/bin/env bash
# Prints the licence texts of all that the binary for GOOS and GOARCH is made of, which those licences want given along.
set -euo pipefail
texts() { find "$1" -maxdepth 1 -type f \( -iname 'licen[cs]e*' -o -iname 'copying*' -o -iname 'notice*' -o -iname 'authors*' \) | LC_ALL=C sort; }
part() {
  printf '\n==== %s\n' "$1"
  while read -r file; do printf '\n---- %s\n\n' "$(basename "$file")"; cat "$file"; done < <(texts "$2")
}
echo "Sparky is made of the following, each given out under its own terms."
part "Go $(go env GOVERSION), its runtime and standard library" "$(go env GOROOT)"
CGO_ENABLED=0 go list -deps -f '{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}}{{"\t"}}{{.Dir}}{{end}}{{end}}' . | LC_ALL=C sort -u |
  while IFS=$'\t' read -r module dir; do part "$module" "$dir"; done
