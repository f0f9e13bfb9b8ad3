// SPDX-License-Identifier: Apache-2.0
//
// arguments_fuzz.cc - any arguments of a PAM line are understood, or refused
// in one printable line.

#include <string>
#include <vector>

#include "pam_module/arguments.h"
#include "tests/fuzz/fuzz_target.h"

namespace twofactor {

void Fuzz(Bytes input) {
  // Words with NUL between them.
  std::vector<std::string> words;
  std::string_view rest = AsText(input);
  while (!rest.empty()) {
    const std::string_view word = rest.substr(0, rest.find('\0'));
    words.emplace_back(word);
    rest.remove_prefix(word.size() < rest.size() ? word.size() + 1
                                                 : rest.size());
  }
  std::vector<const char*> pointers;
  for (const std::string& word : words) pointers.push_back(word.c_str());

  const auto arguments = ParseArguments(pointers);
  if (arguments) {
    FUZZ_EXPECT(arguments->config_path.starts_with('/'));
    return;
  }
  FUZZ_EXPECT(arguments.error().code == ErrorCode::kConfig);
  FUZZ_EXPECT(!arguments.error().context.empty());
}

}  // namespace twofactor
