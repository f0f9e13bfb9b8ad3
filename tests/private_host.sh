#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# private_host.sh - runs a test in a host of its own.
#
#   private_host.sh COMMAND [ARGUMENT...]
#
# COMMAND runs as root in new mount, process, network and IPC namespaces.  It
# may change these and nobody else sees it: /etc (a copy), /dev (a few device
# nodes and no log daemon), /run, /var/log, the loopback network.  When COMMAND
# or this script ends, however it ends, all of that and every process that was
# started are gone.
#
# Exits as COMMAND does; 77 with a line that begins with SKIP when this machine
# does not allow such namespaces.

set -eu

skip() {
  echo "SKIP: $*"
  exit 77
}

if [ "${1-}" != --inside ]; then
  [ $# -gt 0 ] || { echo "usage: $0 COMMAND [ARGUMENT...]" >&2; exit 2; }
  [ "$(id -u)" = 0 ] || skip "needs root, for namespaces and PAM"
  command -v unshare >/dev/null || skip "needs unshare of util-linux"
  unshare --mount --pid --net --ipc --fork --kill-child --mount-proc true \
    2>/dev/null || skip "this machine does not allow private namespaces"
  # unshare itself would not listen to these signals.
  setpriv --pdeathsig KILL \
    unshare --mount --pid --net --ipc --fork --kill-child --mount-proc \
    sh "$0" --inside "$@" &
  host=$!
  for signal in HUP:129 INT:130 TERM:143; do
    # shellcheck disable=SC2064  # Expands now.
    trap "kill -KILL $host; exit ${signal#*:}" "${signal%:*}"
  done
  wait $host
  exit $?
fi
shift

folder=/run/twofactor-test
mount -t tmpfs -o mode=0755 tmpfs /run
mkdir -m 0755 $folder $folder/home $folder/work
mkdir -m 0755 -p /run/sshd
mkdir -m 1777 /run/lock

cp -a /etc $folder/etc
mount --bind $folder/etc /etc
for folder_of_state in /var/log /var/lib/sudo; do
  [ ! -d $folder_of_state ] || mount -t tmpfs tmpfs $folder_of_state
done

# Device nodes are lent by the machine: making them needs more rights.
mkdir -m 0755 $folder/dev $folder/dev/pts
mkdir -m 1777 $folder/dev/shm
for node in null zero full random urandom tty; do
  [ -e /dev/$node ] || continue
  touch $folder/dev/$node
  mount --bind /dev/$node $folder/dev/$node
done
mount -t devpts -o newinstance,ptmxmode=0666,mode=0620,gid=5 devpts \
  $folder/dev/pts
ln -s pts/ptmx $folder/dev/ptmx
ln -s /proc/self/fd $folder/dev/fd
mount --rbind $folder/dev /dev

# Users for tests.  The password of each is "correct horse".
hash='$6$twofactor.test$mKx2OlzdSYmjw470Ya0X1ZgsSZreY5Wq6eb0W0svNJ/hhhxJFNOKREWq243BQz7KQe2ORXGXz7Ib06cb.Kn4//'
number=61001
for user in alice bob carol dave; do
  echo "$user:x:$number:$number::$folder/home/$user:/bin/sh" >>/etc/passwd
  echo "$user:$hash:19700:0:99999:7:::" >>/etc/shadow
  echo "$user:x:$number:" >>/etc/group
  mkdir -m 0700 $folder/home/$user
  chown $number:$number $folder/home/$user
  number=$((number + 1))
done
# Who sends codes.
grep -q ^_twofactor: /etc/passwd ||
  echo "_twofactor:x:61099:61099::/nonexistent:/usr/sbin/nologin" >>/etc/passwd
grep -q ^_twofactor: /etc/group || echo "_twofactor:x:61099:" >>/etc/group
sed -i -e '/^passwd:/c passwd: files' -e '/^group:/c group: files' \
  -e '/^shadow:/c shadow: files' /etc/nsswitch.conf 2>/dev/null ||
  printf 'passwd: files\ngroup: files\nshadow: files\n' >/etc/nsswitch.conf

# A burst of log lines must not fill the socket of the tests' log reader.
echo 4096 >/proc/sys/net/unix/max_dgram_qlen 2>/dev/null || true

cd $folder/work
# Not exec: this shell stays process 1, so that a test is killed by a signal
# like any other process.
set +e
env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 TERM=dumb \
  ASAN_OPTIONS="${ASAN_OPTIONS-}" UBSAN_OPTIONS="${UBSAN_OPTIONS-}" \
  TWOFACTOR_TEST_FOLDER=$folder/work "$@"
exit $?
