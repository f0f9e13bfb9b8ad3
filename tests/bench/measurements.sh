# SPDX-License-Identifier: Apache-2.0
#
# measurements.sh - what login_cost, strace and callgrind say of each stack.  Their
# answers go to files in $work/cells.  Sourced by inside.sh.

# Names of modules, answers and numbers are single words, and lists of them are
# meant to be split.
# shellcheck shell=bash disable=SC2034,SC2046,SC2086,SC2154

# measure CELL MODE N OPTION... -- NAME,ANSWER[,LOGINS]...
measure() {
  local cell=$1 mode=$2 n=$3 module stack options=() stacks=()
  shift 3
  while [ "$1" != -- ]; do options+=("$1"); shift; done
  shift
  for module in $modules; do
    options+=(--restore "$work/$n/$module/aside=$(state_of "$n" "$module")")
  done
  for stack in "permit,none" "$@"; do
    stacks+=("${stack%%,*},$work/$n/pam/${stack%%,*},${stack#*,}")
  done
  "$login_cost" "$mode" --users "$work/$n/users" "${options[@]}" \
    "${stacks[@]}" >"$work/cells/$cell"
}

rounds_for() { if [ "$1" = 1 ]; then echo $rounds_of_one; else echo $rounds; fi; }

# A users file of 100,000 lines takes pam_oath a while.
stacks_for() { # N ANSWER
  local limit=''
  [ "$1" != 100000 ] || limit=,5
  echo "ours,$2 ga,$2 oath,$2$limit"
}

measure_processes() {
  local n host answer extra
  for n in $numbers; do
    for host in $hosts; do
      for answer in right wrong; do
        note "a process per login: $n enrolled, $host host, $answer codes"
        extra=''
        [ "$n-$answer" != 100-wrong ] ||
          extra='calls,wrong ours-any,wrong ga-noskewadj,wrong'
        measure "process-$n-$host-$answer" process "$n" \
          --rounds "$(rounds_for "$n")" $(host_options $host) -- \
          $(stacks_for "$n" $answer) $extra
      done
    done
  done
}

measure_same_and_at_once() {
  local answer
  note 'one process again and again'
  for answer in right wrong; do
    measure same-$answer same 100 --rounds $rounds -- $(stacks_for 100 $answer)
  done
  note '100 users at once'
  measure at-once at-once 100 --rounds $rounds_at_once -- \
    $(stacks_for 100 right)
}

# put_back N: as `measure` does between rounds.
put_back() {
  local module
  for module in $modules; do
    cp "$work/$1/$module/aside/"* "$(state_of "$1" "$module")/"
  done
  sync -f "$work"
}

# once N NAME ANSWER [OPTION]... [-- TRACER...]: one login, under the tracer
once() {
  local n=$1 name=$2 answer=$3 options=()
  shift 3
  while [ $# -gt 0 ] && [ "$1" != -- ]; do options+=("$1"); shift; done
  [ $# = 0 ] || shift
  "$@" "$login_cost" once --users "$work/$n/users" "${options[@]}" \
    "$name,$work/$n/pam/$name,$answer" ||
    note "$name, $n enrolled, $answer code: not the expected result"
}

answers_to() { if [ "$1" = permit ]; then echo none; else echo right wrong; fi; }

count() { grep -cE "$1" "$2" || true; }

# Adds up what the calls named by the pattern $1 returned, in the trace $2.
sum_of_results() {
  awk -v calls="^($1)\\\\(" '$0 ~ calls && / = [0-9]+$/ { sum += $NF }
    END { print sum + 0 }' "$2"
}

# Where the loader maps things decides what is resident, so the median of 99.
report_memory() { # NAME ANSWER HOST
  local number field
  put_back 100
  for number in $(seq 0 98); do
    once 100 $1 $2 --report --skip "$number" $(host_options $3)
  done >"$work/cells/reports"
  for field in resident unshared left; do
    echo "$field-$3=$(sed "s/.*$field=\([-0-9]*\) .*/\1/" \
      "$work/cells/reports" | sort -n | sed -n 50p)"
  done
  echo "objects-$3=$(sed '1!d; s/.*objects=//' "$work/cells/reports")"
}

trace_logins() {
  local name answer trace host
  for name in permit $modules; do
    for answer in $(answers_to $name); do
      note "tracing a login: $name, $answer"
      put_back 100
      trace=$work/cells/trace-$name-$answer
      once 100 $name $answer -- strace -qq -o "$trace"
      {
        echo "calls=$(wc -l <"$trace")"
        echo "file_bytes=$(sum_of_results 'write|writev|pwrite64|pwritev2?' "$trace")"
        echo "log_bytes=$(grep -E '^send(to|msg)?\(.*"<[0-9]+>' "$trace" |
          sum_of_results 'send|sendto|sendmsg' -)"
        echo "syncs=$(count '^(fsync|fdatasync|sync|syncfs|msync|sync_file_range)\(' "$trace")"
        echo "renames=$(count '^(rename|link|symlink|unlink)(at|at2)?\(' "$trace")"
        echo "execs=$(count '^(execve|execveat|fork|vfork|clone|clone3)\(' "$trace")"
        echo "sockets=$(count '^socket\(' "$trace")"
        echo "log_sockets=$(count '^(connect|sendto|sendmsg)\(.*"/dev/log"' "$trace")"
        echo "nscd_sockets=$(count '^connect\(.*"/var/run/nscd' "$trace")"
      } >"$work/cells/facts-$name-$answer"
      for host in bare sshd; do
        report_memory $name $answer $host >>"$work/cells/facts-$name-$answer"
      done
    done
  done
}

count_instructions() {
  local n name answer
  for n in $numbers; do
    for name in permit $modules; do
      # pam_oath reads the whole file, slowly under callgrind.
      [ "$name-$n" != oath-100000 ] || continue
      for answer in $(answers_to $name); do
        note "counting instructions: $name, $n enrolled, $answer"
        put_back "$n"
        once "$n" $name $answer -- valgrind --tool=callgrind \
          --log-file="$work/cells/callgrind" --callgrind-out-file=/dev/null \
          '--toggle-collect=*LogIn*'
        sed -n 's/.*Collected : //p' "$work/cells/callgrind" \
          >"$work/cells/instructions-$n-$name-$answer"
      done
    done
  done
}
