// SPDX-License-Identifier: Apache-2.0
//
// courier_test.cc - helpers that misbehave, and hosts that are peculiar.

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/delivery/helper_process.h"
#include "tests/delivery/delivery_host.h"
#include "tests/pam/cmocka_case.h"
#include "tests/pam/process.h"

using namespace twofactor;
using namespace twofactor::test;

namespace {

constexpr char kAddress[] = "alice@example.org";

// No process of the helper's user is left.
void ExpectNobodyLeft(const char* row) {
  for (int tries = 0; tries < 50; ++tries) {
    if (Run({"pgrep", "-u", "_twofactor"}).code != 0) return;
    usleep(20000);
  }
  EXPECT(false, "%s: processes are left", row);
}

Result<void> Send(const DeliveryHost& host) {
  return ProcessCourier(host.settings, SystemClock())
      .Send({.kind = MessageKind::kAddressCheck,
             .address = kAddress,
             .user = "alice",
             .code = Secret::CopyOf(AsBytes(kSentCode)),
             .good_for = std::chrono::minutes(15)});
}

CASE(helpers_that_misbehave_send_nothing_and_leave_nothing) {
  DeliveryHost host;
  host.settings.time = std::chrono::seconds(1);
  struct {
    const char* script;
    Stage stage;
    const char* part;
  } const rows[] = {
      {"echo 'done ok'", Stage::kDone, "ok"},
      {"exit 0", Stage::kInternal, "answer is none: report: no outcome"},
      {"echo done", Stage::kInternal, "no outcome"},
      {"printf 'done ok'", Stage::kInternal, "part of a line"},
      {"printf 'done ok\\ndone ok\\n'", Stage::kInternal, "more than"},
      {"echo 'finished ok'", Stage::kInternal, "an unknown outcome"},
      {"printf 'done \\001\\n'", Stage::kInternal, "a bad text"},
      {"echo 'done ok'; exit 3", Stage::kInternal, "status 3"},
      {"echo 'done ok'; kill -9 $$", Stage::kInternal, "was killed"},
      {"kill -9 $$", Stage::kInternal, "was killed"},
      {"while :; do echo 'done ok'; done", Stage::kInternal, "too much"},
      {"sleep 100", Stage::kInternal, "in time"},
      {"sleep 100 & sleep 100 & echo 'done ok'; sleep 100", Stage::kInternal,
       "in time"},
      {"exec >&-; sleep 100", Stage::kInternal, "in time"},
      {"trap '' TERM HUP INT; while :; do :; done", Stage::kInternal,
       "in time"},
  };
  for (const auto& row : rows) {
    host.PretendHelper(row.script);
    ExpectReport(host.Deliver(kAddress), row.stage, row.part, row.script);
    ExpectNobodyLeft(row.script);
  }
}

CASE(helper_has_nothing_of_the_host) {
  DeliveryHost host;
  const int kept = dup(2);  // Not close-on-exec.
  host.PretendHelper(
      "files=$(for file in /proc/$$/fd/*; do echo \"${file##*/} is "
      "$(readlink $file)\"; done)\n"
      "seen=$(id; env | grep -v ^PWD= | grep -v ^_= | grep -v ^SHLVL=;"
      " echo \"$files\";"
      " grep -E '^(Sig|Cap(Eff|Prm|Amb)|Groups)' /proc/$$/status; pwd; umask;"
      " ulimit -c; ps -o sid= -p $$; cat /proc/$$/cmdline | tr '\\0' ' ')\n"
      "echo \"$seen\" | sed 's/^/step /' | tr '\\t' ' '; echo 'done ok'\n");
  const DeliveryReport report = host.Deliver(kAddress);
  close(kept);
  ExpectReport(report, Stage::kDone, "ok", "probe");
  std::string seen;
  for (const std::string& step : report.steps) seen += step + "\n";
  for (const char* part :
       {"uid=61099(_twofactor) gid=61099", "\n2 is /dev/null\n",
        "CapEff: 0000000000000000\n", "CapPrm: 0000000000000000\n",
        "SigIgn: 0000000000000000\n", "SigBlk: 0000000000000000\n", "\n/\n",
        "\n0077\n", "\n0\n"})
    EXPECT(seen.find(part) != std::string::npos, "no %s in\n%s", part,
           seen.c_str());
  for (const char* part : {"HOME", "PATH", "TWOFACTOR", "socket", "root"})
    EXPECT(seen.find(part) == std::string::npos, "%s in\n%s", part,
           seen.c_str());
}

int child_signals = 0;
void CountSignal(int) { ++child_signals; }

CASE(hosts_may_do_with_their_children_what_they_like) {
  DeliveryHost host;
  host.PretendHelper("echo 'done ok'\n");
  const auto before = signal(SIGCHLD, SIG_IGN);
  ExpectReport(host.Deliver(kAddress), Stage::kDone, "ok", "ignored");
  signal(SIGCHLD, CountSignal);
  ExpectReport(host.Deliver(kAddress), Stage::kDone, "ok", "handled");
  EXPECT(child_signals == 0, "%d signals came", child_signals);
  struct sigaction no_wait {};
  no_wait.sa_handler = SIG_DFL;
  no_wait.sa_flags = SA_NOCLDWAIT;
  sigaction(SIGCHLD, &no_wait, nullptr);
  ExpectReport(host.Deliver(kAddress), Stage::kDone, "ok", "SA_NOCLDWAIT");
  signal(SIGCHLD, before);

  sigset_t all;
  sigset_t mask;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, &mask);
  ExpectReport(host.Deliver(kAddress), Stage::kDone, "ok", "blocked");
  sigprocmask(SIG_SETMASK, &mask, nullptr);
}

// Such as process 1 of a container, and managers of services: whoever loses its
// parent below them becomes their child.
CASE(hosts_that_adopt_orphans_get_none_of_the_helpers) {
  DeliveryHost host;
  host.settings.time = std::chrono::seconds(1);
  EXPECT(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0, "subreaper");
  const auto before = signal(SIGCHLD, CountSignal);
  struct {
    const char* script;
    Stage stage;
    const char* part;
  } const rows[] = {
      {"echo 'done ok'", Stage::kDone, "ok"},
      {"kill -9 $$", Stage::kInternal, "was killed"},
      {"sleep 100", Stage::kInternal, "in time"},
      {"sleep 100 & sleep 100 & sleep 100", Stage::kInternal, "in time"},
      {"sleep 100 >/dev/null & echo 'done ok'", Stage::kDone, "ok"},
      {"while :; do echo 'done ok'; done", Stage::kInternal, "too much"},
  };
  for (const auto& row : rows) {
    host.PretendHelper(row.script);
    child_signals = 0;
    ExpectReport(host.Deliver(kAddress), row.stage, row.part, row.script);
    usleep(100000);
    EXPECT(child_signals == 0, "%s: %d signals came", row.script,
           child_signals);
    EXPECT(waitpid(-1, nullptr, WNOHANG | __WALL) == 0, "%s: a strange child",
           row.script);
    ExpectNobodyLeft(row.script);
  }
  signal(SIGCHLD, before);
  prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0);
}

// How many processes run this program, supervisors among them.
std::string Copies() { return Run({"pgrep", "-xc", "courier_test"}).output; }

// Or else whoever hangs up at the right moment has used up a send of somebody
// who never hears of it.
CASE(helper_outlives_a_login_that_is_killed_but_not_for_ever) {
  DeliveryHost host;
  host.settings.time = std::chrono::seconds(1);
  const std::string before = Copies();
  const std::string box = host.FileOf("box");
  struct {
    std::string script;
    const char* left;
  } const rows[] = {
      {"sleep 1; echo 'done ok' >" + box + "; cat " + box, "done ok\n"},
      {"sleep 100 & exec sleep 100", ""},
  };
  for (const auto& row : rows) {
    host.Put("box", "", 0666);
    host.PretendHelper(row.script);
    const pid_t login = fork();
    if (login == 0) _exit(Send(host) ? 0 : 1);
    const auto runs = [] {
      return Run({"pgrep", "-u", "_twofactor"}).code == 0;
    };
    for (int tries = 0; tries < 100 && !runs(); ++tries) usleep(20000);
    EXPECT(runs(), "it does not run");
    kill(login, SIGKILL);
    waitpid(login, nullptr, 0);
    for (int tries = 0; tries < 400 && Copies() != before; ++tries)
      usleep(20000);
    EXPECT(Copies() == before, "%s: a supervisor is left", row.script.c_str());
    ExpectNobodyLeft(row.script.c_str());
    EXPECT(ReadFile(box) == row.left, "%s: %s", row.script.c_str(),
           ReadFile(box).c_str());
  }
}

CASE(hosts_without_standard_descriptors_are_served) {
  DeliveryHost host;
  host.PretendHelper("read -r line; echo 'done ok'\n");
  int saved[3];
  for (int file = 0; file < 3; ++file) {
    saved[file] = fcntl(file, F_DUPFD_CLOEXEC, 100);
    close(file);
  }
  const auto report = Send(host);
  for (int file = 0; file < 3; ++file) {
    dup2(saved[file], file);
    close(saved[file]);
  }
  EXPECT(report.has_value(), "%s", report.error().context.c_str());
}

CASE(nothing_runs_without_its_user_or_as_root) {
  DeliveryHost host;
  host.PretendHelper("echo 'done ok'\n");
  EXPECT(
      Run({"sed", "-i", "s/^_twofactor:x:61099/_twofactor:x:0/", "/etc/passwd"})
              .code == 0,
      "sed");
  ExpectReport(host.Deliver(kAddress), Stage::kInternal, "must not be root",
               "root");
  Run({"sed", "-i", "s/^_twofactor:x:0/_nobody-here:x:61099/", "/etc/passwd"});
  ExpectReport(host.Deliver(kAddress), Stage::kInternal,
               "there is no system user _twofactor", "missing");
  Run({"sed", "-i", "s/^_nobody-here:/_twofactor:/", "/etc/passwd"});
  ExpectReport(host.Deliver(kAddress), Stage::kDone, "ok", "there again");
  host.settings.helper = "/nonexistent/deliver";
  ExpectReport(host.Deliver(kAddress), Stage::kInternal,
               "cannot run /nonexistent/deliver", "no helper");
  const auto as_root =
      RunHelper({.program = "/bin/true", .argument = ""}, {}, SystemClock());
  EXPECT(!as_root && as_root.error().code == ErrorCode::kInvalid, "root");
}

}  // namespace
