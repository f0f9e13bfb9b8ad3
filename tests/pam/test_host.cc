// SPDX-License-Identifier: Apache-2.0
//
// test_host.cc - folders, files and keys of a case.

#include "tests/pam/test_host.h"

#include <fcntl.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "core/base/clock.h"
#include "core/base/encoding.h"
#include "core/factor/hotp.h"
#include "core/session/enroll_session.h"
#include "core/session/throttle.h"
#include "tests/pam/cmocka_case.h"
#include "tests/pam/process.h"

namespace twofactor::test {
namespace {

constexpr std::uint64_t kPeriodSeconds = 30;
constexpr int kDigits = 6;

// The network of a private host begins with everything down.
void BringUpLoopback() {
  const UniqueFd socket_fd(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ifreq request{};
  std::strcpy(request.ifr_name, "lo");
  if (ioctl(socket_fd.get(), SIOCGIFFLAGS, &request) != 0) return;
  request.ifr_flags = static_cast<short>(request.ifr_flags | IFF_UP);
  ioctl(socket_fd.get(), SIOCSIFFLAGS, &request);
}

// A folder that is this case's alone.
std::string NewFolder() {
  const char* work = std::getenv("TWOFACTOR_TEST_FOLDER");
  if (!work) SkipProgram("run it by tests/private_host.sh");
  static int count = 0;
  if (count == 0) BringUpLoopback();
  std::string folder = std::string(work) + "/case-" + std::to_string(++count);
  mkdir(folder.c_str(), 0755);
  return folder;
}

void ReplaceAll(std::string& text, std::string_view from,
                const std::string& to) {
  for (std::size_t at = text.find(from); at != std::string::npos;
       at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

template <typename T>
T OrFail(Result<T> result, const char* what) {
  EXPECT(result.has_value(), "%s: %s: %s", what, ErrorName(result.error().code),
         result.error().context.c_str());
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

}  // namespace

TestHost::TestHost(Disk disk) : folder_(NewFolder()) {
  paths_ = {folder_ + "/keys", folder_ + "/state", folder_ + "/runtime"};
  mkdir(paths_.state.c_str(), 0700);
  if (disk == Disk::kSmall)
    EXPECT(mount("tmpfs", paths_.state.c_str(), "tmpfs", 0,
                 "size=256k,mode=0700") == 0,
           "mounting a small disk");
  mkdir(stack_folder().c_str(), 0755);
  log_ = std::make_unique<LogReader>(folder_ + "/log");
  WriteConfig("users = any\n");
  WriteStack(kService,
             "auth required @MODULE@ config=@CONFIG@\n"
             "account required @MODULE@ config=@CONFIG@\n"
             "session required @MODULE@ config=@CONFIG@\n");
  mkdir(paths_.runtime.c_str(), 0700);
  OrFail(FileStore::Create(paths_), "making the store");
}

TestHost::~TestHost() = default;

std::string TestHost::FolderLines() const {
  return "keys_folder = " + paths_.keys + "\nstate_folder = " + paths_.state +
         "\nruntime_folder = " + paths_.runtime + "\n";
}

void TestHost::WriteConfig(const std::string& lines) {
  WriteConfigText(std::string("services = ") + kService + "\n" + FolderLines() +
                  lines);
}

void TestHost::WriteConfigText(const std::string& text) {
  WriteFile(config_path(), text);
}

void TestHost::WriteStack(const std::string& service, const std::string& text) {
  WriteFile(stack_folder() + "/" + service, Filled(text));
}

void TestHost::WriteSystemStack(const std::string& service,
                                const std::string& text) {
  WriteFile("/etc/pam.d/" + service, Filled(text));
}

std::string TestHost::Filled(std::string text) const {
  ReplaceAll(text, "@MODULE@", ModulePath());
  ReplaceAll(text, "@CONFIG@", config_path());
  return text;
}

std::unique_ptr<FileStore> TestHost::OpenStore(const Clock& clock) const {
  return OrFail(FileStore::Open(paths_, clock), "opening the store");
}

Config TestHost::config() const {
  return OrFail(LoadConfig(config_path()), "reading the configuration");
}

void TestHost::Enroll(const std::string& user, const Clock& clock) {
  const auto store = OpenStore(clock);
  const Config loaded = config();
  const UserName name = OrFail(UserName::Create(user), "naming the user");
  EnrollSession session =
      OrFail(EnrollSession::Begin(loaded, *store, clock, name,
                                  {"phone", loaded.totp_parameters, {}}),
             "enrolling");
  session.ConfirmAsAdministrator();
  OrFail(session.Save(), "storing the enrollment");
  const Bytes key = session.device().key.Expose();
  keys_[user].assign(key.begin(), key.end());
}

void TestHost::Unlock(const std::string& user) const {
  const auto store = OpenStore();
  const UserName name = OrFail(UserName::Create(user), "naming the user");
  OrFail(store->Change(name,
                       [](Record record, const Moment&) -> Result<Record> {
                         ClearFailures(record.state);
                         return record;
                       }),
         "unlocking");
}

std::string TestHost::Key(const std::string& user) const {
  const Secret text = Base32Encode(keys_.at(user));
  return std::string(AsText(text.Expose()));
}

std::string TestHost::CodeAt(const std::string& user, Counter step) const {
  const std::uint32_t value = OrFail(
      HotpValue(HashAlgorithm::kSha1, keys_.at(user), step, kDigits), "a code");
  char text[16];
  std::snprintf(text, sizeof(text), "%06u", value);
  return text;
}

std::string TestHost::Code(const std::string& user, int offset) const {
  return CodeAt(
      user, Counter{Number(StepNow()) + static_cast<std::uint64_t>(offset)});
}

std::string TestHost::WrongCode(const std::string& user, int which) const {
  std::vector<std::string> right;
  for (int offset = -6; offset <= 6; ++offset)
    right.push_back(Code(user, offset));
  char text[16];
  for (int value = which;; ++value) {
    std::snprintf(text, sizeof(text), "%06d", value % 1000000);
    if (std::ranges::find(right, text) == right.end()) return text;
  }
}

std::string TestHost::SecretFile(const std::string& user) const {
  return paths_.state + "/secrets/" + user;
}
std::string TestHost::LockoutFile(const std::string& user) const {
  return paths_.state + "/lockout/" + user;
}
std::string TestHost::RuntimeFile(const std::string& user) const {
  return paths_.runtime + "/lockout/" + user;
}

int TestHost::Tool(std::vector<std::string> arguments, std::string* output,
                   const std::string& input) const {
  arguments.insert(arguments.begin(), {ToolPath(), "--config", config_path()});
  const Exit exit = Run(std::move(arguments), input);
  if (output) *output = exit.output + exit.errors;
  return exit.signal ? -exit.signal : exit.code;
}

Counter StepNow() {
  return Counter{static_cast<std::uint64_t>(std::time(nullptr)) /
                 kPeriodSeconds};
}

std::string ModulePath() { return TWOFACTOR_TEST_MODULE; }
std::string ToolPath() { return TWOFACTOR_TEST_TOOL; }
std::string PlainHostPath() { return TWOFACTOR_TEST_PLAIN_HOST; }

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream content;
  content << file.rdbuf();
  return content.str();
}

void WriteFile(const std::string& path, std::string_view content) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << content;
  file.close();
  EXPECT(file.good(), "writing %s", path.c_str());
  chmod(path.c_str(), 0600);
}

void OverwriteFile(const std::string& path, std::string_view content) {
  const UniqueFd file(open(path.c_str(), O_WRONLY | O_CLOEXEC));
  const auto size = static_cast<ssize_t>(content.size());
  EXPECT(file && pwrite(file.get(), content.data(), content.size(), 0) == size,
         "overwriting %s", path.c_str());
  EXPECT(ftruncate(file.get(), size) == 0, "truncating %s", path.c_str());
}

bool Exists(const std::string& path) {
  struct stat status;
  return lstat(path.c_str(), &status) == 0;
}

std::vector<std::string> NamesIn(const std::string& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error))
    names.push_back(entry.path().filename());
  std::ranges::sort(names);
  return names;
}

}  // namespace twofactor::test
