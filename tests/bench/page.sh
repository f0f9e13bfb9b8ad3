# SPDX-License-Identifier: Apache-2.0
#
# page.sh - the files in $work/cells as Markdown.  Sourced by inside.sh.

# Names of modules, answers and numbers are single words, and lists of them are
# meant to be split.
# shellcheck shell=bash disable=SC2034,SC2046,SC2086,SC2154

# cell CELL STACK FIELD: a number of login_cost's output
cell() {
  awk -v stack="$2" -v field="$3" '$1 == stack {
      for (i = 2; i <= NF; i++)
        if (index($i, field "=") == 1) print substr($i, length(field) + 2)
    }' "$work/cells/$1"
}
fact() { sed -n "s/^$3=//p" "$work/cells/facts-$1-$2"; }
fact_over() { # NAME ANSWER FIELD
  echo $(($(fact "$1" "$2" "$3") - $(fact permit none "$3")))
}
instructions() { # N NAME ANSWER
  echo $(($(cat "$work/cells/instructions-$1-$2-$3") - \
    $(cat "$work/cells/instructions-$1-permit-none")))
}
calculate() { awk "BEGIN { printf \"$1\\n\", $2 }"; }
grouped() { sed -E ':a; s/^(-?[0-9]+)([0-9]{3})/\1,\2/; ta' <<<"$1"; }
us() { grouped "$(calculate %.0f "$1 / 1000")"; }
# A star at figures of which some logins did not end as they should.
us_of() { # CELL STACK
  local star=''
  [ "$(cell "$1" "$2" logins)" = "$(cell "$1" "$2" expected)" ] || star='\*'
  echo "$(us "$(cell "$1" "$2" over)")$star"
}
ratio() { # CELL STACK STACK
  calculate %.2f "$(cell "$1" "$2" over) / $(cell "$1" "$3" over)"
}

row_of_costs() { # CELL, the leading columns
  local cell=$1
  shift
  echo "| $* | $(us "$(cell "$cell" permit median)") | $(us_of "$cell" ours)" \
    "| $(us_of "$cell" ga) | $(us_of "$cell" oath)" \
    "| $(ratio "$cell" ours ga) | $(ratio "$cell" ours oath) |"
}

version_of() { dpkg-query -W -f '${Version}' "$1"; }

print_head() {
  cat <<HEAD
# What a login costs

Made by \`$command\` on $(date -u +%F); run it to measure your own machine.

- Machine: $(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -1), $(nproc) \
cores, Linux $(uname -r), $(sed -n 's/^PRETTY_NAME="\(.*\)"/\1/p' /etc/os-release).
- Disk: $(findmnt -n -o FSTYPE -T "$work"); an fdatasync of one written page takes \
$(us "$(sed 's/median=\([0-9]*\).*/\1/' "$work/cells/disk")") µs.
- Load when it began: $(cut -d ' ' -f 1 "$work/cells/load").
- Peers: libpam-google-authenticator $(version_of libpam-google-authenticator) \
(DISALLOW_REUSE, RATE_LIMIT 3 30, WINDOW_SIZE 3, \`user=root\`), libpam-oath \
$(version_of libpam-oath) (window=1), on the same disk, with the same users and keys.

Each figure is the median cost over pam_permit.so in the same run. The modules
take turns user by user, in an order drawn anew each time, and every right code
is fresh: 100 users, who have logged in before, log in once a round; then the
modules' files are put back and synced, and the next round begins. With more
than 100 users enrolled the others are further names in the same folders (hard
links), and further lines in pam_oath's file. Files and programs are in the page
cache. A reader on /dev/log stands in for the log daemon. A star marks a figure
in which not all logins ended as they should.
HEAD
}

print_processes() {
  local n host answer
  cat <<HEAD

## A process per login

Fork, load the stack, authenticate, exit; µs, all but the first over the first.
A host "with libcrypto" has loaded and used it, as sshd has; one "like sshd" has
looked up a user as well, as sshd has by then.

| users enrolled | host | code | pam_permit | pam_twofactor | google-authenticator | pam_oath | to google-authenticator | to pam_oath |
|--:|---|---|--:|--:|--:|--:|--:|--:|
HEAD
  for n in $numbers; do
    for host in $hosts; do
      for answer in right wrong; do
        row_of_costs "process-$n-$host-$answer" \
          "$(grouped "$n") | $(host_title $host) | $answer"
      done
    done
  done
  cat <<NOTE

google-authenticator tries 25 hours of clock skew when a code is wrong; with
\`noskewadj\` a wrong code costs it $(us_of process-100-bare-wrong ga-noskewadj) µs.
pam_oath, alone of the three, neither looks the user up nor logs or records a
wrong code. With \`users = any\` pam_twofactor takes the name as it is typed,
too: a wrong code then costs $(us_of process-100-bare-wrong ours-any) µs in a bare host, $(ratio process-100-bare-wrong ours-any oath) of pam_oath's, and
$(us_of process-100-crypto-wrong ours-any) µs in one with libcrypto, $(ratio process-100-crypto-wrong ours-any oath) of pam_oath's.

What looking the user up, logging and recording cost by themselves: a module
that makes the system calls of our login with a wrong code, and computes
nothing, costs $(us_of process-100-bare-wrong calls) µs in a bare host, $(ratio process-100-bare-wrong calls oath) of pam_oath's, $(us_of process-100-crypto-wrong calls) µs in one
with libcrypto ($(ratio process-100-crypto-wrong calls oath)) and $(us_of process-100-sshd-wrong calls) µs in one like sshd ($(ratio process-100-sshd-wrong calls oath)).

## One process, again and again

µs per login after the first, over pam_permit; 100 users enrolled.

| code | pam_permit | pam_twofactor | google-authenticator | pam_oath | to google-authenticator | to pam_oath |
|---|--:|--:|--:|--:|--:|--:|
NOTE
  for answer in right wrong; do
    row_of_costs same-$answer $answer
  done
}

print_at_once() {
  local name rounds passed
  cat <<HEAD

## 100 users at once

From the start to the last exit; every user has a right code.

| | ms | logins/s | passed |
|---|--:|--:|--:|
HEAD
  for name in permit $modules; do
    rounds=$(($(cell at-once $name logins) / 100))
    passed=$(calculate %.1f "$(cell at-once $name expected) / $rounds")
    echo "| $(title $name)" \
      "| $(calculate %.1f "$(cell at-once $name median) / 1000000")" \
      "| $(grouped "$(calculate %.0f "1e11 / $(cell at-once $name median)")")" \
      "| $passed of 100 |"
  done
}

title() {
  case $1 in
    permit) echo pam_permit ;;
    ours) echo pam_twofactor ;;
    ga) echo google-authenticator ;;
    oath) echo pam_oath ;;
  esac
}

# row_of_facts TITLE COMMAND...: what COMMAND says of each module and answer
row_of_facts() {
  local title=$1 name answer
  shift
  printf '| %s' "$title"
  for name in $modules; do
    for answer in right wrong; do
      printf ' | %s' "$(grouped "$("$@" $name $answer)")"
    done
  done
  printf ' |\n'
}
fact_of() { fact_over "$2" "$3" "$1"; }
process_fact_of() { over_permit "$2" "$3" "$1"; }
processor_us_of() { calculate %.0f "$(over_permit "$1" "$2" cpu) / 1000"; }
objects_line() { objects_of "$1" "$2" | paste -sd ' '; }

print_facts() {
  local name n
  cat <<HEAD

## Beside the wall time

One login, over one of pam_permit; 100 users enrolled, bare host. Instructions
are those of user space, as callgrind counts them.

| | pam_twofactor, right | wrong | google-authenticator, right | wrong | pam_oath, right | wrong |
|---|--:|--:|--:|--:|--:|--:|
HEAD
  row_of_facts 'processor time, µs' processor_us_of
  row_of_facts instructions instructions 100
  row_of_facts 'page faults' process_fact_of faults
  row_of_facts 'system calls' fact_of calls
  row_of_facts 'bytes written to files' fact_of file_bytes
  row_of_facts 'bytes sent to the log' fact_of log_bytes
  row_of_facts 'fsync and the like' fact_of syncs
  row_of_facts 'rename, link, unlink' fact_of renames
  row_of_facts 'exec, fork' fact_of execs
  row_of_facts "sockets beside the log's and nscd's" other_sockets
  row_of_facts 'shared objects loaded' objects_line
  row_of_facts 'resident, KiB' fact_of resident-bare
  row_of_facts 'the same in a host like sshd' fact_of resident-sshd
  row_of_facts 'of these not shared, KiB' fact_of unshared-sshd
  row_of_facts 'resident after pam_end, KiB' fact_of left-bare

  printf '\nInstructions of a right code, by users enrolled:\n\n|'
  printf ' | %s' $(for n in $numbers; do grouped "$n"; done)
  printf ' |\n|---'
  printf '|--:%.0s' $numbers
  printf '|\n'
  for name in $modules; do
    printf '| %s' "$(title $name)"
    for n in $numbers; do
      if [ -s "$work/cells/instructions-$n-$name-right" ]; then
        printf ' | %s' "$(grouped "$(instructions "$n" $name right)")"
      else
        printf ' | not counted'
      fi
    done
    printf ' |\n'
  done
}

other_sockets() {
  echo $(($(fact_over "$1" "$2" sockets) - $(fact_over "$1" "$2" log_sockets) - \
    $(fact_over "$1" "$2" nscd_sockets)))
}
over_permit() { # NAME ANSWER FIELD, of a process per login
  echo $(($(cell "process-100-bare-$2" "$1" "$3") - \
    $(cell "process-100-bare-$2" permit "$3")))
}
# The objects that a module brings with it, the module itself not counted.
objects_of() {
  comm -23 <(fact "$1" "$2" objects-bare | tr ' ' '\n' | grep . | sort) \
    <(fact permit none objects-bare | tr ' ' '\n' | grep . | sort) |
    grep -v '^pam_' || true
}

ms() { calculate %.1f "$1 / 1000"; }

print_ssh() {
  local stack name
  cat <<HEAD

## An ssh login

\`ssh user@127.0.0.1 true\` with OpenSSH's client and sshd: key exchange, password
(pam_unix), then the module. The client starts a program for each answer, so a
second question costs something by itself: "asks only" is a module that asks
and lets any answer pass.

| after the password | logins | ms | 10 % | 90 % | over none, ms |
|---|--:|--:|--:|--:|--:|
HEAD
  while read -r stack name; do
    echo "| $name | $(count "^$stack " "$work/cells/ssh")" \
      "| $(ms "$(ssh_figure $stack 0.5)") | $(ms "$(ssh_figure $stack 0.1)")" \
      "| $(ms "$(ssh_figure $stack 0.9)")" \
      "| $(ms "$(ssh_figure $stack 0.5 over)") |"
  done <<STACKS
plain none
ask asks only
sshd pam_twofactor
ga google-authenticator
STACKS
}

# Of all numbers of users.
worst_ratio() { # HOST ANSWER MODULE
  local n
  for n in $numbers; do ratio "process-$n-$1-$2" ours "$3"; done | sort -n | tail -1
}

# target TEXT OURS BOUND FORMAT: met when OURS <= BOUND
target() {
  local met
  met=$(awk -v a="$2" -v b="$3" 'BEGIN { print a + 0 <= b + 0 ? "yes" : "no" }')
  echo "| $1 | $(calculate "$4" "$2") | ≤ $3${5-} | $met |"
}

print_targets() {
  local host text right wrong at_once noise
  cat <<HEAD

## Targets

Of the costs of a process per login, the worst of all numbers of users.

| figure | pam_twofactor | target | met |
|---|--:|--:|---|
HEAD
  for host in $hosts; do
    text=", host $(host_title $host)"
    target "right code$text, to google-authenticator's" \
      "$(worst_ratio $host right ga)" 0.4 %.2f
    target "wrong code$text, to google-authenticator's" \
      "$(worst_ratio $host wrong ga)" 0.1 %.2f
    target "wrong code$text, to pam_oath's" \
      "$(worst_ratio $host wrong oath)" 1.2 %.2f
  done
  right=$(instructions 100 ours right) wrong=$(instructions 100 ours wrong)
  target 'instructions, right and wrong code apart, %' \
    "$(calculate %.1f "100 * ($right > $wrong ? $right - $wrong : $wrong - $right) / $wrong")" \
    10 %.1f
  target "instructions at $(grouped "$most") users, to those at 1 user" \
    "$(calculate %.3f "$(instructions "$most" ours right) / $(instructions 1 ours right)")" \
    1.01 %.3f
  target '100 at once: not let in' \
    $(($(cell at-once ours logins) - $(cell at-once ours expected))) 0 %d
  at_once="$(cell at-once ours median) / $(cell at-once ga median)"
  target "100 at once: time, to google-authenticator's (1.1 times the throughput)" \
    "$(calculate %.2f "$at_once")" 0.91 %.2f
  target 'syncs, renames, execs and forks, sockets beside the log'"'"'s' \
    $(($(fact_over ours right syncs) + $(fact_over ours right renames) + \
      $(fact_over ours right execs) + $(other_sockets ours right))) 0 %d
  target 'new shared objects' "$(objects_of ours right | grep -c . || true)" 0 %d
  for host in bare sshd; do
    target "resident memory, host $(host_title $host), KiB" \
      "$(fact_over ours right resident-$host)" 300 %d
  done
  noise=$(calculate %.1f \
    "($(ssh_figure plain 0.9) - $(ssh_figure plain 0.1)) / 1000")
  target 'ssh login over one without the module, ms (noise: 10 % to 90 % of those)' \
    "$(ms "$(ssh_figure sshd 0.5 over)")" "$noise" %.1f
}
