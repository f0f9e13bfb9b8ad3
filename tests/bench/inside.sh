#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# inside.sh - scripts/bench in its private host.
#
#   tests/private_host.sh tests/bench/inside.sh WORK BUILD quick|full COMMAND
#
# WORK is a folder on the disk to be measured, with login_cost and its friends;
# COMMAND is what the page says that it was made by.

# Lists of words are meant to be split.
# shellcheck disable=SC2034,SC2046,SC2086

set -euo pipefail
export LC_ALL=C
work=$1 build=$2 length=$3 command=$4
here=$(cd "$(dirname "$0")" && pwd)

note() { printf 'bench: %s\n' "$*" >&2; }
die() { printf 'bench: error: %s\n' "$*" >&2; exit 1; }

# shellcheck source=tests/bench/stores.sh
. "$here/stores.sh"
# shellcheck source=tests/bench/measurements.sh
. "$here/measurements.sh"
# shellcheck source=tests/bench/ssh_logins.sh
. "$here/ssh_logins.sh"
# shellcheck source=tests/bench/page.sh
. "$here/page.sh"

module=$work/pam_twofactor.so
tool=$build/setup_tool/twofactor
login_cost=$work/login_cost
numbers='1 100 10000 100000' rounds=6 rounds_of_one=400 rounds_at_once=10
ssh_logins=100
if [ "$length" = quick ]; then
  numbers='1 100 10000' rounds=2 rounds_of_one=100 rounds_at_once=4
  ssh_logins=10
fi
most=${numbers##* }
modules='ours ga oath'
# What the host process has done before it starts PAM.
hosts='bare crypto sshd'
host_options() {
  case $1 in
    bare) ;;
    crypto) echo --host-crypto ;;
    sshd) echo --host-crypto --host-nss ;;
  esac
}
host_title() {
  case $1 in
    bare) echo bare ;;
    crypto) echo with libcrypto ;;
    sshd) echo like sshd ;;
  esac
}

install -m 0644 "$build/pam_module/pam_twofactor.so" "$module"
# How the page cache came by a file decides how large its pieces are, and that
# what mapping it costs: everybody's modules are read from the disk.
sync "$module"
for file in "$module" "$work/pam_calls.so" /usr/lib/*/liboath.so.0 \
  /lib/*/security/pam_{google_authenticator,oath}.so; do
  dd if="$file" iflag=nocache count=0 status=none
done
mkdir "$work/cells"
cat /proc/loadavg >"$work/cells/load"
make_users
"$work/log_reader" /dev/log &
for n in $numbers; do
  note "enrolling $n"
  for name in $modules; do "make_$name" "$n"; done
  make_stacks "$n"
  log_in_once "$n"
done
"$login_cost" disk "$work" >"$work/cells/disk"
measure_processes
measure_same_and_at_once
trace_logins
count_instructions
measure_ssh

print_head
print_processes
print_at_once
print_facts
print_ssh
print_targets
