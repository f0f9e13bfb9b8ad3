#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# private_exim.sh - Exim as Debian configures it for mail that stays on the
# host, whatever this host does, with mailboxes and queue of its own.
#
# Run it in a private host, once.

set -eu
for folder in /var/mail /var/spool/exim4 /var/lib/exim4; do
  mount -t tmpfs -o "$(stat -c mode=%a,uid=%u,gid=%g $folder)" tmpfs $folder
done
rm -f /etc/exim4/exim4.conf
echo localhost >/etc/mailname
: >/etc/aliases
cat >/etc/exim4/update-exim4.conf.conf <<'END'
dc_eximconfig_configtype='local'
dc_use_split_config='false'
dc_localdelivery='mail_spool'
CFILEMODE='644'
END
update-exim4.conf
