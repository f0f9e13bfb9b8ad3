#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# installed_links_hold.sh - what the pages point at is installed beside them.
#
#   installed_links_hold.sh CMAKE BUILD_FOLDER DOCUMENT_FOLDER

set -eu
cmake=$1 build=$2 documents=$3

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
trap 'exit 1' HUP INT TERM
DESTDIR=$root "$cmake" --install "$build" --component doc >/dev/null

# The links of one page, and the examples that it names, relative to it.
targets_of() {
  grep -oE '\]\([^)#:]+' "$1" | cut -c3-
  case $1 in
    README.md) grep -oE 'conf/examples/[a-z-]*' "$1" ;;
  esac
}

cd "$root$documents"
count=0
for page in README.md docs/*.md; do
  for target in $(targets_of "$page" | sort -u); do
    count=$((count + 1))
    [ -e "$(dirname "$page")/$target" ] && continue
    echo "$page: $target is not installed" >&2
    exit 1
  done
done
[ "$count" -ge 6 ] || { echo "only $count links were found" >&2; exit 1; }
