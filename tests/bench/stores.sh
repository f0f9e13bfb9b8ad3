# SPDX-License-Identifier: Apache-2.0
#
# stores.sh - the users, their records in each module's form, and the PAM stacks
# that read them.  Sourced by inside.sh.

# Names of modules, answers and numbers are single words, and lists of them are
# meant to be split.
# shellcheck shell=bash disable=SC2034,SC2046,SC2086,SC2154

make_users() {
  local hash number
  hash=$(awk -F: '$1 == "alice" { print $2 }' /etc/shadow)
  for file in passwd shadow; do
    grep -E '^(root|nobody|sshd):' /etc/$file >"$work/$file"
  done
  mkdir "$work/home"
  for number in $(seq 100); do
    printf 'bench%03d:x:%d:65534::%s:/bin/sh\n' "$number" \
      $((62000 + number)) "$work/home" >>"$work/passwd"
    printf 'bench%03d:%s:19700:0:99999:7:::\n' "$number" "$hash" \
      >>"$work/shadow"
    printf 'bench%03d\n' "$number" >>"$work/names"
  done
  cat "$work/passwd" >/etc/passwd
  cat "$work/shadow" >/etc/shadow
}

# N users are enrolled, of which at most 100 log in; beyond those the folders are
# filled with further names.  The tool makes the keys, and every module knows
# the same users by the same keys: $work/N/users.
make_ours() {
  local n=$1 at=$work/$1/ours
  mkdir -p "$at"
  cat >"$at/twofactor.conf" <<CONF
services = sshd
keys_folder = $at/keys
state_folder = $at/state
runtime_folder = $at/run
CONF
  { cat "$at/twofactor.conf" && echo 'users = any'; } >"$at/any.conf"
  chmod 0600 "$at"/*.conf
  head -n "$n" "$work/names" >"$at/batch"
  { "$tool" --config "$at/twofactor.conf" init &&
    "$tool" --config "$at/twofactor.conf" enroll totp --batch "$at/batch" \
      --output "$at/uris"; } >"$at/said" 2>&1 ||
    { cat "$at/said" >&2; die "cannot enroll $n"; }
  sed -n 's/\t.*[?&]secret=\([A-Z2-7]*\).*/\t\1/p' "$at/uris" >"$work/$n/users"
  "$login_cost" fill "$at/state/secrets" "$n"
  "$login_cost" fill "$at/state/lockout" "$n"
}

make_ga() {
  local at=$work/$1/ga user key
  mkdir -p "$at/state"
  while read -r user key; do
    # As google-authenticator --time-based --disallow-reuse --rate-limit=3
    # --rate-time=30 writes it.
    printf '%s\n" RATE_LIMIT 3 30\n" WINDOW_SIZE 3\n" DISALLOW_REUSE\n" TOTP_AUTH\n%s\n' \
      "$key" $'71260489\n35720198\n94611052\n18803765\n60297413' \
      >"$at/state/$user"
  done <"$work/$1/users"
  chmod 0400 "$at"/state/*
  "$login_cost" fill "$at/state" "$1"
}

make_oath() {
  local at=$work/$1/oath user key
  mkdir -p "$at/state"
  while read -r user key; do
    printf 'HOTP/T30\t%s\t-\t%s\n' "$user" \
      "$(base32 -d <<<"$key" | od -An -v -tx1 | tr -d ' \n')"
  done <"$work/$1/users" >"$at/state/users"
  perl -e 'printf "HOTP/T30\tfiller%06d\t-\t%040x\n", $_, $_ * 7919
             for 101 .. $ARGV[0]' "$1" >>"$at/state/users"
  chmod 0600 "$at/state/users"
}

make_stacks() {
  local n=$1 name
  while read -r name line; do
    mkdir -p "$work/$n/pam/$name"
    printf 'auth required %s\n' "$line" >"$work/$n/pam/$name/sshd"
    echo 'auth required pam_deny.so' >"$work/$n/pam/$name/other"
  done <<STACKS
permit pam_permit.so
ours $module config=$work/$n/ours/twofactor.conf first=proven
ours-any $module config=$work/$n/ours/any.conf first=proven
ga pam_google_authenticator.so secret=$work/$n/ga/state/\${USER} user=root
ga-noskewadj pam_google_authenticator.so noskewadj secret=$work/$n/ga/state/\${USER} user=root
calls $work/pam_calls.so $work/$n/ours
oath pam_oath.so usersfile=$work/$n/oath/state/users window=1
STACKS
}

# Everybody logs in once, with a code that leaves the present one unused: what
# a module does only the first time is not what a login costs.  What logins
# change is then kept aside, to be put back before each round.
log_in_once() {
  local n=$1 name aside user
  for name in $modules; do
    "$login_cost" process --users "$work/$n/users" \
      "$name,$work/$n/pam/$name,early" >"$work/cells/first-$n-$name"
    aside=$work/$n/$name/aside
    mkdir "$aside"
    if [ "$name" = oath ]; then
      cp -p "$(state_of "$n" oath)/users" "$aside/"
    else
      while read -r user _; do
        cp -p "$(state_of "$n" "$name")/$user" "$aside/"
      done <"$work/$n/users"
    fi
  done
}

state_of() { # N MODULE: the folder that a login changes
  case $2 in
    ours) echo "$work/$1/ours/state/lockout" ;;
    *) echo "$work/$1/$2/state" ;;
  esac
}
