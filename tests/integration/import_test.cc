// SPDX-License-Identifier: Apache-2.0
//
// import_test.cc - a live host moves in: files that the real
// google-authenticator and the real pam_oath have written and logged in with,
// and homes whose owners mean harm.

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <ctime>
#include <sstream>
#include <string>
#include <vector>

#include "tests/integration/real_programs.h"
#include "tests/pam/cmocka_case.h"
#include "tests/pam/process.h"
#include "tests/pam/test_host.h"

namespace twofactor::test {
namespace {

constexpr char kOld[] = "old-module";
constexpr char kNew[] = "twofactor-test";
constexpr char kHexKey[] = "3132333435363738393031323334353637383930";
constexpr char kOtherHexKey[] = "4142434445464748494a414243444546474849aa";

void NeedModule(const std::string& name) {
  if (Run({"sh", "-c",
           "ls /lib/*/security/" + name + " /usr/lib/*/security/" + name +
               " 2>/dev/null | grep -q ."})
          .code != 0)
    SkipProgram("needs " + name);
}

class MovingHost {
 public:
  MovingHost() {
    chmod(host_.folder().c_str(), 0755);
    const std::string own = host_.folder() + "/own";
    host_.WriteConfigText(std::string("services = ") + kNew +
                          "\nkeys_folder = " + own + "/keys\nstate_folder = " +
                          own + "/state\nruntime_folder = " + own + "/run\n");
    EXPECT(Run({"mkdir", "-m", "0700", own}).code == 0, "mkdir");
    Tool({"init"}, 0);
    host_.WriteSystemStack(kNew,
                           "auth required @MODULE@ config=@CONFIG@\n"
                           "account required @MODULE@ config=@CONFIG@\n");
  }
  ~MovingHost() {
    for (const char* user : {"alice", "bob", "carol", "dave"})
      Run({"rm", "-rf", FileOf(user)});
  }

  void OldModule(const std::string& line) {
    NeedModule(line.substr(0, line.find(' ')));
    host_.WriteSystemStack(
        kOld, "auth required " + line + "\naccount required pam_permit.so\n");
  }

  // Runs the tool, which must exit as said, and returns what it printed.
  std::string Tool(std::vector<std::string> arguments, int code) {
    std::string output;
    const int exit = host_.Tool(std::move(arguments), &output);
    EXPECT(exit == code, "exit code %d: %s", exit, output.c_str());
    return output;
  }
  std::string ImportFor(const std::string& user, int code = 0) {
    return Tool({"import", "google-authenticator", "--user", user}, code);
  }

  static std::string FileOf(const std::string& user) {
    return "/run/twofactor-test/home/" + user + "/.google_authenticator";
  }
  // What google-authenticator writes for the user, without a question.
  static std::vector<std::string> Lines(const std::string& user) {
    std::istringstream text(ReadFile(FileOf(user)));
    std::vector<std::string> lines;
    for (std::string line; std::getline(text, line);) lines.push_back(line);
    return lines;
  }
  static std::vector<std::string> SetUp(const std::string& user,
                                        const std::string& kind) {
    const Exit exit = Run(
        {"su", user, "-c",
         Need("google-authenticator") + " " + kind + " -f -r 3 -R 30 -w 3 -q"});
    EXPECT(exit.code == 0, "%s", Describe(exit).c_str());
    return Lines(user);
  }

  bool LogIn(const std::string& service, const std::string& user,
             const std::string& code) {
    return Run({Need("pamtester"), service, user, "authenticate", "acct_mgmt"},
               code + "\n")
               .code == 0;
  }
  void Accepts(const std::string& service, const std::string& user,
               const std::string& code) {
    EXPECT(LogIn(service, user, code), "%s refused a right code: %s",
           service.c_str(), host_.log().Text().c_str());
  }
  void Refuses(const std::string& user, const std::string& code) {
    EXPECT(!LogIn(kNew, user, code), "a code that was used logs in");
  }

  TestHost& host() { return host_; }

 private:
  TestHost host_;
};

std::string HotpCode(const std::vector<std::string>& key, int counter) {
  std::vector<std::string> command{Need("oathtool"), "--hotp", "-c",
                                   std::to_string(counter)};
  command.insert(command.end(), key.begin(), key.end());
  return Run(command).output.substr(0, 6);
}

std::string HexCode(const std::string& key, int offset) {
  const std::string when =
      "@" + std::to_string(std::time(nullptr) + 30 * offset);
  return Run({Need("oathtool"), "--totp", "--now", when, key})
      .output.substr(0, 6);
}

void Contains(const std::string& text, const std::string& part) {
  EXPECT(text.find(part) != std::string::npos, "no \"%s\" in: %s", part.c_str(),
         text.c_str());
}

void Own(const std::string& path, unsigned uid) {
  EXPECT(chown(path.c_str(), uid, 0) == 0, "chown %s", path.c_str());
}

CASE(phone_of_google_authenticator_moves_in_with_what_it_used) {
  MovingHost host;
  host.OldModule("pam_google_authenticator.so");
  const auto before = host.SetUp("alice", "-t -d");
  const std::string& key = before[0];
  const std::string used = before.back();
  const std::string unused = before[before.size() - 2];
  const std::string code = OathtoolCode(key);
  host.Accepts(kOld, "alice", code);
  host.Accepts(kOld, "alice", used);

  const std::string file = ReadFile(host.FileOf("alice"));
  Contains(host.Tool({"import", "google-authenticator", "--user", "alice",
                      "--dry-run"},
                     0),
           "would be imported");
  Contains(host.Tool({"status", "alice"}, 3), "not enrolled");
  const std::string said = host.ImportFor("alice");
  Contains(said, "phone imported");
  Contains(said, "line 4: taken: used codes stay used");
  Contains(said, "taken: 4 scratch codes");
  EXPECT(ReadFile(host.FileOf("alice")) == file, "the file was changed");
  EXPECT(host.host().log().Has({"event=imported", "user=alice", "device=phone",
                                "from=google-authenticator"}),
         "%s", host.host().log().Text().c_str());

  host.Refuses("alice", code);
  host.Refuses("alice", used);
  host.Accepts(kNew, "alice", OathtoolCode(key, 1));
  host.Accepts(kNew, "alice", unused);
  host.Refuses("alice", unused);
  Contains(host.ImportFor("alice"), "phone is already here");
}

CASE(what_the_old_module_used_after_the_import_is_spent_by_the_next_one) {
  MovingHost host;
  host.OldModule("pam_google_authenticator.so");
  const auto lines = host.SetUp("alice", "-t -d");
  host.ImportFor("alice");
  const std::string code = OathtoolCode(lines[0]);
  host.Accepts(kOld, "alice", code);
  host.Accepts(kOld, "alice", lines.back());
  const std::string said = host.ImportFor("alice");
  Contains(said, "used meanwhile is spent now");
  Contains(said, "1 scratch code used meanwhile");
  host.Refuses("alice", code);
  host.Refuses("alice", lines.back());
  host.Accepts(kNew, "alice", OathtoolCode(lines[0], 1));
}

CASE(token_of_google_authenticator_moves_in_with_its_counter) {
  MovingHost host;
  host.OldModule("pam_google_authenticator.so");
  const auto lines = host.SetUp("bob", "-c");
  const std::vector<std::string> key{"--base32", lines[0]};
  host.Accepts(kOld, "bob", HotpCode(key, 1));
  host.Accepts(kOld, "bob", HotpCode(key, 3));
  const std::string said = host.ImportFor("bob");
  Contains(said, "token imported");
  Contains(said, "HOTP_COUNTER 4");
  host.Refuses("bob", HotpCode(key, 3));
  host.Accepts(kNew, "bob", HotpCode(key, 4));
  Contains(host.ImportFor("bob"), "already here");
  host.Refuses("bob", HotpCode(key, 4));
}

CASE(users_file_of_pam_oath_moves_in_with_what_it_used) {
  MovingHost host;
  const std::string path = host.host().folder() + "/users.oath";
  host.OldModule("pam_oath.so usersfile=" + path + " window=5");
  WriteFile(path, std::string("# tokens\nHOTP\talice\t-\t") + kHexKey +
                      "\nHOTP/T30 bob - " + kOtherHexKey +
                      "\nHOTP carol 1234 " + kHexKey +
                      "\nHOTP/E/6 nobody-of-that-name - " + kHexKey +
                      "\nnonsense\n");
  chmod(path.c_str(), 0600);
  const std::string tokens = HotpCode({kHexKey}, 2);
  const std::string phones = HexCode(kOtherHexKey, 0);
  host.Accepts(kOld, "alice", tokens);
  host.Accepts(kOld, "bob", phones);

  const std::string file = ReadFile(path);
  const std::string said = host.Tool({"import", "oath", path}, 6);
  Contains(said, "alice: token imported");
  Contains(said, "bob: phone imported");
  Contains(said, path + ":4: carol: a PIN");
  Contains(said, path + ":5: nobody-of-that-name: there is no user");
  Contains(said, path + ":6: ");
  Contains(said, "2 imported, 0 updated, 0 already here, 3 failed");
  EXPECT(ReadFile(path) == file, "the file was changed");
  host.Refuses("alice", tokens);
  host.Accepts(kNew, "alice", HotpCode({kHexKey}, 3));
  host.Refuses("bob", phones);
  host.Accepts(kNew, "bob", HexCode(kOtherHexKey, 1));

  Contains(host.Tool({"import", "oath", path, "--user", "alice"}, 6),
           "token is already here");
  Contains(host.Tool({"import", "oath", path, "--drop-pins"}, 6),
           "a PIN was dropped");
  host.Accepts(kNew, "carol", HotpCode({kHexKey}, 0));
}

CASE(users_file_that_is_not_roots_is_refused) {
  MovingHost host;
  const std::string path = host.host().folder() + "/users.oath";
  WriteFile(path, std::string("HOTP alice - ") + kHexKey + "\n");
  chmod(path.c_str(), 0666);
  Contains(host.Tool({"import", "oath", path}, 1), "can be written by others");
  chmod(path.c_str(), 0600);
  Own(path, kAliceUid);
  Contains(host.Tool({"import", "oath", path}, 1), "belongs to somebody else");
}

// Each trap in carol's home is named, and alice's file is taken all the same.
CASE(homes_that_mean_harm_are_refused_and_named) {
  MovingHost host;
  const std::string home = "/run/twofactor-test/home/carol";
  const std::string trap = host.FileOf("carol");
  const std::string good = std::string("GEZDGNBVGY3TQOJQGEZDGNBVGY\n") +
                           "\" DISALLOW_REUSE\n\" TOTP_AUTH\n";
  const std::string target = home + "/target";
  WriteFile(host.FileOf("alice"), good);
  chmod(host.FileOf("alice").c_str(), 0400);
  Own(host.FileOf("alice"), kAliceUid);
  struct Row {
    const char* command;
    const char* reason;
  };
  const Row rows[] = {
      {"ln -s /etc/shadow $TRAP", "symbolic link"},
      {"ln -s target $TRAP", "symbolic link"},
      {"ln target $TRAP", "more than one name"},
      {"mkfifo -m 644 $TRAP", "no regular file"},
      {"mkdir -m 755 $TRAP", "no regular file"},
      {"cp target $TRAP && chown dave $TRAP && chmod 644 $TRAP",
       "belongs to somebody else"},
      {"cp target $TRAP && chown carol $TRAP && chmod 660 $TRAP",
       "can be written by others"},
      {"truncate -s 1G $TRAP && chown carol $TRAP", "too large"},
      {"cp target $TRAP && chown carol $TRAP && chmod 000 $TRAP",
       "Permission denied"},
      {"cp target $TRAP && chmod 600 $TRAP", "Permission denied"},
      {"echo x= >$TRAP && chmod 644 $TRAP", "not base32"},
  };
  for (const Row& row : rows) {
    WriteFile(target, good);
    Own(target, kAliceUid + 2);
    const std::string script = std::string("umask 077; cd ") + home +
                               " && TRAP=" + trap + " && " + row.command;
    EXPECT(Run({"sh", "-c", script}).code == 0, "%s", row.command);
    const std::string said =
        host.Tool({"import", "google-authenticator", "--all-homes"}, 6);
    Contains(said, "alice: phone ");
    Contains(said, "carol: ");
    Contains(said, row.reason);
    Contains(said, ", 1 failed, ");
    Contains(host.Tool({"status", "carol"}, 3), "not enrolled");
    Run({"rm", "-rf", trap, target});
  }
}

// A directory of lower standing may list a name that /etc/passwd has already.
CASE(home_of_a_namesake_is_nobodys) {
  MovingHost host;
  const std::string home = "/run/twofactor-test/home/carol";
  WriteFile(host.FileOf("carol"),
            "GEZDGNBVGY3TQOJQGEZDGNBVGY\n\" DISALLOW_REUSE\n\" TOTP_AUTH\n");
  Own(host.FileOf("carol"), kAliceUid + 2);
  EXPECT(Run({"sh", "-c",
              "echo alice:x:61003:61003::" + home + ":/bin/sh >>/etc/passwd"})
                 .code == 0,
         "no namesake");
  const std::string said =
      host.Tool({"import", "google-authenticator", "--all-homes"}, 6);
  Run({"sed", "-i", "$d", "/etc/passwd"});
  Contains(said, "carol: phone imported");
  Contains(said, "alice: another user of that name goes before");
  Contains(host.Tool({"status", "alice"}, 3), "not enrolled");
}

CASE(user_who_stops_the_reader_holds_nobody_up) {
  MovingHost host;
  host.SetUp("carol", "-t -d");
  // Everything of carol's but the loop itself.
  const Process stopper({"setpriv", "--reuid", "61003", "--clear-groups", "sh",
                         "-c", "while :; do kill -STOP -1; done"});
  bool was_stopped = false;
  for (int i = 0; i < 20 && !was_stopped; ++i) {
    std::string output;
    const auto start = std::time(nullptr);
    const int exit = host.host().Tool(
        {"import", "google-authenticator", "--user", "carol", "--dry-run"},
        &output);
    EXPECT(std::time(nullptr) - start < 10, "it took too long");
    EXPECT(exit == 0 || exit == 1, "%s", output.c_str());
    was_stopped = exit == 1;
    if (was_stopped) Contains(output, "could not be read in time");
  }
  stopper.Kill(SIGKILL);
}

CASE(file_that_root_names_is_roots_or_the_users_own) {
  MovingHost host;
  const std::string path = host.host().folder() + "/alice";
  WriteFile(path,
            "GEZDGNBVGY3TQOJQGEZDGNBVGY\n\" DISALLOW_REUSE\n\" TOTP_AUTH\n");
  chmod(path.c_str(), 0600);
  const std::vector<std::string> command{
      "import", "google-authenticator", "--user", "alice", "--file", path};
  Own(path, kAliceUid + 1);
  Contains(host.Tool(command, 1), "belongs to somebody else");
  Own(path, kAliceUid);
  Contains(host.Tool(command, 0), "phone imported");
  Own(path, 0);
  Contains(host.Tool(command, 0), "phone is already here");
}

}  // namespace
}  // namespace twofactor::test
