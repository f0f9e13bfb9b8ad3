// SPDX-License-Identifier: Apache-2.0
//
// pamtester_test.cc - pamtester as the application, oathtool as the phone, and
// twofactor as the only way to a record.

#include <string>

#include "tests/integration/real_programs.h"
#include "tests/pam/cmocka_case.h"
#include "tests/pam/process.h"
#include "tests/pam/test_host.h"

namespace twofactor::test {
namespace {

constexpr char kTestService[] = "twofactor-test";

// A host that `twofactor init` has made, and its users.
class InitializedHost {
 public:
  InitializedHost() {
    paths_ = host_.folder() + "/own";
    host_.WriteConfigText(std::string("services = ") + kTestService +
                          "\nkeys_folder = " + paths_ +
                          "/keys\nstate_folder = " + paths_ +
                          "/state\nruntime_folder = " + paths_ + "/run\n");
    EXPECT(Run({"mkdir", "-m", "0700", paths_}).code == 0, "mkdir");
    std::string output;
    EXPECT(host_.Tool({"init"}, &output) == 0, "%s", output.c_str());
    host_.WriteSystemStack(kTestService,
                           "auth required @MODULE@ config=@CONFIG@\n"
                           "account required @MODULE@ config=@CONFIG@\n");
  }

  // Returns the key.
  std::string Enroll(const std::string& user, const std::string& name) {
    std::string output;
    EXPECT(host_.Tool({"enroll", "totp", "--user", user, "--name", name,
                       "--no-confirm", "--json"},
                      &output) == 0,
           "%s", output.c_str());
    const std::string field = "\"key\":\"";
    const std::size_t at = output.find(field);
    EXPECT(at != std::string::npos, "%s", output.c_str());
    const std::size_t start = at + field.size();
    return output.substr(start, output.find('"', start) - start);
  }

  Exit LogIn(const std::string& user, const std::string& code,
             const std::string& remote_host = "192.0.2.9") {
    return Run({Need("pamtester"), "-I", "rhost=" + remote_host, kTestService,
                user, "authenticate", "acct_mgmt"},
               code + "\n");
  }

  TestHost& host() { return host_; }

 private:
  TestHost host_;
  std::string paths_;
};

CASE(a_right_code_of_oathtool_logs_in_once) {
  InitializedHost host;
  const std::string key = host.Enroll("alice", "phone");
  const std::string code = OathtoolCode(key);
  Exit exit = host.LogIn("alice", code);
  EXPECT(exit.code == 0, "%s\n%s", Describe(exit).c_str(),
         host.host().log().Text().c_str());
  EXPECT((exit.output + exit.errors).find("Verification code: ") !=
             std::string::npos,
         "no prompt: %s", Describe(exit).c_str());
  exit = host.LogIn("alice", code);
  EXPECT(exit.code != 0, "the code worked twice");
  EXPECT(
      host.host().log().Has({"event=login", "result=denied", "reason=used_code",
                             "user=alice", "rhost=192.0.2.9"}),
      "%s", host.host().log().Text().c_str());
}

CASE(a_wrong_code_is_refused) {
  InitializedHost host;
  const std::string key = host.Enroll("alice", "phone");
  const Exit exit = host.LogIn("alice", WrongOathtoolCode(key));
  EXPECT(exit.code != 0, "a wrong code logged in");
  EXPECT(host.host().log().Has({"event=login", "result=denied",
                                "reason=wrong_code", "user=alice"}),
         "%s", host.host().log().Text().c_str());
}

CASE(a_code_one_step_early_logs_in_and_those_far_off_do_not) {
  InitializedHost host;
  const std::string key = host.Enroll("alice", "phone");
  EXPECT(host.LogIn("alice", OathtoolCode(key, 4)).code != 0, "early");
  EXPECT(host.LogIn("alice", OathtoolCode(key, -2)).code != 0, "late");
  EXPECT(host.LogIn("alice", OathtoolCode(key, 1)).code == 0, "%s",
         host.host().log().Text().c_str());
}

CASE(each_of_two_devices_logs_in_by_itself) {
  InitializedHost host;
  const std::string phone = host.Enroll("alice", "phone");
  const std::string tablet = host.Enroll("alice", "tablet");
  EXPECT(host.LogIn("alice", OathtoolCode(phone)).code == 0, "phone");
  EXPECT(host.LogIn("alice", OathtoolCode(tablet)).code == 0, "tablet");
  EXPECT(host.host().log().Has({"result=accepted", "device=tablet"}), "%s",
         host.host().log().Text().c_str());
  std::string output;
  EXPECT(host.host().Tool({"remove", "--user", "alice", "--name", "phone"},
                          &output) == 0,
         "%s", output.c_str());
  EXPECT(host.LogIn("alice", OathtoolCode(phone, 1)).code != 0,
         "a removed device logs in");
  EXPECT(host.LogIn("alice", OathtoolCode(tablet, 1)).code == 0, "%s",
         host.host().log().Text().c_str());
}

CASE(a_disabled_device_logs_nobody_in_until_it_is_enabled) {
  InitializedHost host;
  const std::string key = host.Enroll("alice", "phone");
  std::string output;
  EXPECT(host.host().Tool({"disable", "--user", "alice", "--name", "phone"},
                          &output) == 0,
         "%s", output.c_str());
  EXPECT(host.LogIn("alice", OathtoolCode(key)).code != 0, "disabled");
  EXPECT(host.host().Tool({"enable", "--user", "alice", "--name", "phone"},
                          &output) == 0,
         "%s", output.c_str());
  EXPECT(host.LogIn("alice", OathtoolCode(key)).code == 0, "%s",
         host.host().log().Text().c_str());
}

CASE(a_login_works_between_rotating_and_rewrapping_keys) {
  InitializedHost host;
  const std::string key = host.Enroll("alice", "phone");
  std::string output;
  EXPECT(host.host().Tool({"keys", "rotate"}, &output) == 0, "%s",
         output.c_str());
  EXPECT(host.LogIn("alice", OathtoolCode(key)).code == 0, "%s",
         host.host().log().Text().c_str());
  EXPECT(host.host().Tool({"keys", "rewrap"}, &output) == 0, "%s",
         output.c_str());
  EXPECT(host.LogIn("alice", OathtoolCode(key, 1)).code == 0, "%s",
         host.host().log().Text().c_str());
}

CASE(somebody_who_is_not_enrolled_is_asked_and_denied) {
  InitializedHost host;
  for (const char* user : {"bob", "nobody-of-that-name"}) {
    const Exit exit = host.LogIn(user, "123456");
    EXPECT(exit.code != 0, "%s logged in", user);
    EXPECT((exit.output + exit.errors).find("Verification code: ") !=
               std::string::npos,
           "%s was not asked: %s", user, Describe(exit).c_str());
  }
}

}  // namespace
}  // namespace twofactor::test
