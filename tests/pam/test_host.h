// SPDX-License-Identifier: Apache-2.0
//
// test_host.h - a store, a configuration, PAM stacks, enrolled users and a log
// of a case's own, inside the private host that private_host.sh has made.

#ifndef TWOFACTOR_TESTS_PAM_TEST_HOST_H_
#define TWOFACTOR_TESTS_PAM_TEST_HOST_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/counter.h"
#include "core/session/config.h"
#include "core/store/file_store.h"
#include "core/store/paths.h"
#include "tests/pam/log_reader.h"

namespace twofactor::test {

// The service whose stack is our module alone.
inline constexpr char kService[] = "test";

// What the state folder stands on.
enum class Disk : std::uint8_t { kLarge, kSmall };

class TestHost {
 public:
  // An empty store, `users = any`, and a stack of auth, account and session
  // lines for kService.
  explicit TestHost(Disk disk = Disk::kLarge);
  ~TestHost();
  TestHost(const TestHost&) = delete;
  TestHost& operator=(const TestHost&) = delete;

  const std::string& folder() const { return folder_; }
  std::string config_path() const { return folder_ + "/twofactor.conf"; }
  std::string stack_folder() const { return folder_ + "/pam.d"; }
  const StorePaths& paths() const { return paths_; }
  LogReader& log() { return *log_; }

  // Writes twofactor.conf: `services` and folders of this host, then `lines`.
  void WriteConfig(const std::string& lines);
  // Writes exactly `text`.
  void WriteConfigText(const std::string& text);
  std::string FolderLines() const;

  // Writes a stack.  @MODULE@ and @CONFIG@ stand for the module's path and
  // this host's twofactor.conf.
  void WriteStack(const std::string& service, const std::string& text);
  // The same for programs that look into /etc/pam.d, which is a private copy.
  void WriteSystemStack(const std::string& service, const std::string& text);

  // Enrolls one device without a code, so that none is used yet.
  void Enroll(const std::string& user, const Clock& clock = SystemClock());
  // Forgets the user's failures, as `twofactor unlock` does.
  void Unlock(const std::string& user) const;
  // The key of the user's device, in base32.
  std::string Key(const std::string& user) const;

  // The code of the user's device at `offset` steps from now.  Codes of 0 and
  // then +1 are both right for at least 30 s, in this order.
  std::string Code(const std::string& user, int offset = 0) const;
  std::string CodeAt(const std::string& user, Counter step) const;
  // Six digits that are right at no step near now.
  std::string WrongCode(const std::string& user, int which = 0) const;

  // Opens the store as another program would.
  std::unique_ptr<FileStore> OpenStore(
      const Clock& clock = SystemClock()) const;
  Config config() const;

  std::string SecretFile(const std::string& user) const;
  std::string LockoutFile(const std::string& user) const;
  std::string RuntimeFile(const std::string& user) const;
  std::string Marker() const { return paths_.state + "/store"; }

  // Runs `twofactor --config FILE ARGUMENT...` and returns its exit code.
  int Tool(std::vector<std::string> arguments, std::string* output = nullptr,
           const std::string& input = {}) const;

 private:
  std::string Filled(std::string text) const;

  std::string folder_;
  StorePaths paths_;
  std::unique_ptr<LogReader> log_;
  std::map<std::string, std::vector<std::uint8_t>> keys_;
};

Counter StepNow();

// Whether -fsanitize=address is in: its runtime has an allocator and system
// calls of its own.
constexpr bool kSanitized =
#if defined(__SANITIZE_ADDRESS__)
    true;
#else
    false;
#endif

// The parts of the build that tests run.
std::string ModulePath();
std::string ToolPath();
std::string PlainHostPath();

std::string ReadFile(const std::string& path);
void WriteFile(const std::string& path, std::string_view content);
// Replaces the content without a new file, as a restored backup would not.
void OverwriteFile(const std::string& path, std::string_view content);
bool Exists(const std::string& path);
std::vector<std::string> NamesIn(const std::string& folder);

}  // namespace twofactor::test

#endif  // TWOFACTOR_TESTS_PAM_TEST_HOST_H_
