// SPDX-License-Identifier: Apache-2.0
//
// source_fuzz.cc - any remote host is a source, whose text is that source.

#include "core/base/source.h"
#include "tests/fuzz/fuzz_target.h"

namespace twofactor {

void Fuzz(Bytes input) {
  const Source source = SourceFromRemoteHost(AsText(input));
  std::string text = ToText(source);
  FUZZ_EXPECT(IsPrintableUtf8(text) && !text.empty() && text.size() < 64);
  switch (source.kind) {
    case Source::Kind::kLocal:
      FUZZ_EXPECT(source == Source{});
      FUZZ_EXPECT(text == "local");
      break;
    case Source::Kind::kIpv6Prefix:
      FUZZ_EXPECT(text.ends_with("/64"));
      text.resize(text.size() - 3);
      // ::/64 holds the mapped form of every IPv4 address, and is none.
      FUZZ_EXPECT(SourceFromRemoteHost(text) == source);
      break;
    case Source::Kind::kIpv4:
      for (std::size_t i = 4; i < source.address.size(); ++i)
        FUZZ_EXPECT(source.address[i] == 0);
      FUZZ_EXPECT(SourceFromRemoteHost(text) == source);
      FUZZ_EXPECT(SourceFromRemoteHost("::ffff:" + text) == source);
      break;
  }
}

}  // namespace twofactor
