#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# manuals_are_clean.sh - mandoc(1) has nothing to warn of in any manual.
#
#   manuals_are_clean.sh FILE...
#
# Exits 77 with a line that begins with SKIP where there is no mandoc.

set -eu
command -v mandoc >/dev/null || { echo "SKIP: needs mandoc"; exit 77; }
exec mandoc -Tlint -Wwarning "$@"
