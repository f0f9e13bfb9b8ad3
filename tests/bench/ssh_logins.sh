# SPDX-License-Identifier: Apache-2.0
#
# ssh_logins.sh - logins through a real sshd on the private host's loopback.
# Sourced by inside.sh.

# Names of modules, answers and numbers are single words, and lists of them are
# meant to be split.
# shellcheck shell=bash disable=SC2034,SC2046,SC2086,SC2154

# Debian's sshd takes its PAM service from the name it was started by.
start_sshd() { # SERVICE PORT, the stack on stdin
  local service=$1 port=$2
  ln -sf /usr/sbin/sshd "$work/ssh/$service"
  {
    echo 'auth required pam_unix.so'
    cat
    echo 'account required pam_permit.so'
    echo 'session required pam_permit.so'
  } >"/etc/pam.d/$service"
  cat >"$work/ssh/$service.conf" <<CONF
ListenAddress 127.0.0.1:$port
HostKey $work/ssh/host_key
PidFile none
UsePAM yes
UseDNS no
StrictModes no
PrintMotd no
PasswordAuthentication no
KbdInteractiveAuthentication yes
AuthenticationMethods keyboard-interactive
CONF
  "$work/ssh/$service" -f "$work/ssh/$service.conf"
}

ssh_login() { # PORT USER KEY
  SSH_ASKPASS=$work/ssh_answer SSH_ASKPASS_REQUIRE=force \
    BENCH_PASSWORD='correct horse' BENCH_KEY=$3 \
    ssh -F none -p "$1" -o StrictHostKeyChecking=no -o LogLevel=ERROR \
    -o UserKnownHostsFile=/dev/null -o GlobalKnownHostsFile=/dev/null \
    -o PreferredAuthentications=keyboard-interactive \
    -o NumberOfPasswordPrompts=1 "$2@127.0.0.1" true </dev/null
}

measure_ssh() {
  local stack start turn order user key number=0
  local stacks=(plain:2201 ask:2202 sshd:2203 ga:2204)
  note 'ssh logins'
  ip link set lo up
  mkdir "$work/ssh"
  ssh-keygen -q -t ed25519 -N '' -f "$work/ssh/host_key"
  put_back 100
  start_sshd plain 2201 </dev/null
  start_sshd ask 2202 <<<"auth required $work/pam_ask.so"
  for stack in sshd:ours:2203 ga:ga:2204; do
    start_sshd "${stack%%:*}" "${stack##*:}" \
      <"$work/100/pam/$(cut -d: -f2 <<<"$stack")/sshd"
  done
  while read -r user key; do
    number=$((number + 1))
    [ $number -le $ssh_logins ] || break
    order=("${stacks[@]}")
    [ $((number % 2)) = 0 ] ||
      order=("${stacks[3]}" "${stacks[2]}" "${stacks[1]}" "${stacks[0]}")
    for turn in "${order[@]}"; do
      start=${EPOCHREALTIME/./}
      if ssh_login "${turn#*:}" "$user" "$key"; then
        echo "${turn%:*} $number $((${EPOCHREALTIME/./} - start))"
      else
        note "ssh login refused: ${turn%:*}, $user"
      fi
    done
  done <"$work/100/users" >"$work/cells/ssh"
}

# ssh_figure STACK QUANTILE [over]: microseconds; `over` as paired with plain
ssh_figure() {
  awk -v stack="$1" -v over="${3-}" '
    $1 == "plain" { plain[$2] = $3 }
    $1 == stack { took[$2] = $3 }
    END { for (i in took)
            if (!over) print took[i]; else if (i in plain) print took[i] - plain[i] }
  ' "$work/cells/ssh" | sort -n |
    awk -v q="$2" '{ v[NR] = $1 } END { print NR ? v[int(q * (NR - 1) + 1.5)] : "nan" }'
}
