// SPDX-License-Identifier: Apache-2.0
//
// log_line_fuzz.cc - whatever a value holds, the line stays one line of the
// words that were put in.

#include <algorithm>
#include <string>

#include "core/base/audit_log.h"
#include "tests/fuzz/fuzz_target.h"

namespace twofactor {
namespace {

// Splits as a reader of the log does: blanks outside of quotes.
std::size_t CountWords(std::string_view line) {
  std::size_t words = line.empty() ? 0 : 1;
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '"') quoted = !quoted;
    if (line[i] == ' ' && !quoted) ++words;
  }
  FUZZ_EXPECT(!quoted);
  return words;
}

}  // namespace

void Fuzz(Bytes input) {
  FuzzInput choices(input);
  const Bytes first = choices.Take(choices.Byte());
  const Bytes second = choices.Rest();
  const std::string line = LogLine("login")
                               .Add("user", AsText(first))
                               .Add("rhost", AsText(second))
                               .Add("n", -1)
                               .text();
  FUZZ_EXPECT(IsPrintableUtf8(line));
  FUZZ_EXPECT(line.starts_with("event=login user="));
  FUZZ_EXPECT(line.ends_with(" n=-1"));
  FUZZ_EXPECT(CountWords(line) == 4);
  FUZZ_EXPECT(std::ranges::count(line, '"') % 2 == 0);
  FUZZ_EXPECT(std::ranges::count(line, '"') <= 4);
  FUZZ_EXPECT(line.size() < 4096);
}

}  // namespace twofactor
