// SPDX-License-Identifier: Apache-2.0
//
// hard_link_test.cc - a second name of a file: where everybody can make one it
// must lock out nobody; where only root can, it is not trusted.

#include "core/session/config.h"
#include "tests/unit/temporary_store.h"

using namespace twofactor;

namespace {

void Link(const std::string& from, const std::string& to) {
  Expect(link(from.c_str(), to.c_str()) == 0, from);
}

void configuration_with_a_second_name_is_read() {
  TemporaryFolder folder;
  const std::string main = folder / "twofactor.conf";
  WriteFile(main, "echo = no\n", 0644);
  Expect(mkdir((main + ".d").c_str(), 0755) == 0);
  WriteFile(main + ".d/a.conf", "prompt = a\n", 0644);
  Link(main, folder / "x");
  Link(main + ".d/a.conf", folder / "y");
  const Config config = ExpectOk(LoadConfig(main));
  ExpectEqual(config.echo, Echo::kOff);
  ExpectEqual(config.prompt, "a");
}

// Owner and mode are the inode's, whatever it is called.
void configuration_with_a_second_name_is_trusted_no_further() {
  TemporaryFolder folder;
  const std::string main = folder / "twofactor.conf";
  WriteFile(main, "echo = no\n", 0644);
  Link(main, folder / "x");
  Expect(chmod((folder / "x").c_str(), 0664) == 0);
  ExpectError(LoadConfig(main), ErrorCode::kConfig);
  Expect(chmod((folder / "x").c_str(), 0644) == 0);
  Expect(chown((folder / "x").c_str(), 65534, 0) == 0);
  ExpectError(LoadConfig(main), ErrorCode::kConfig);
}

void files_of_root_alone_with_a_second_name_are_refused() {
  using Path = std::string (*)(const TemporaryStore&);
  const Path paths[] = {
      [](const TemporaryStore& store) { return store.SecretFile("alice"); },
      [](const TemporaryStore& store) { return store.LockoutFile("alice"); },
      [](const TemporaryStore& store) { return store.paths.keys + "/keyring"; },
      [](const TemporaryStore& store) { return store.paths.state + "/store"; },
  };
  for (const Path path : paths) {
    TemporaryStore temporary;
    temporary.Enroll("alice");
    const std::string name = path(temporary);
    const std::string other = temporary.folder / "other";
    Link(name, other);
    auto login = [&]() -> Result<int> {
      ASSIGN_OR_RETURN(temporary.store,
                       FileStore::Open(temporary.paths, temporary.clock));
      return temporary.SetDrift("alice", 1);
    };
    ExpectError(login(), ErrorCode::kUntrustedFile, name);
    Expect(unlink(other.c_str()) == 0);
    ExpectOk(login(), name);
  }
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      EXPECT_TEST(configuration_with_a_second_name_is_read),
      EXPECT_TEST(configuration_with_a_second_name_is_trusted_no_further),
      EXPECT_TEST(files_of_root_alone_with_a_second_name_are_refused),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
