// SPDX-License-Identifier: Apache-2.0
//
// gateway_fuzz.cc - a gateway file, what is made of it, and an answer.

#include "delivery_helper/gateway.h"
#include "tests/fuzz/fuzz_target.h"

namespace twofactor {

void Fuzz(Bytes input) {
  using delivery::Value;
  // The file, a line with one "%", a value and answer.
  const std::string_view text = AsText(input);
  const auto split = text.find("\n%\n");
  const std::string_view rest =
      split == std::string_view::npos ? "" : text.substr(split + 3);
  const auto gateway = delivery::ParseGateway(text.substr(0, split), "fuzz");
  if (!gateway) return;
  FUZZ_EXPECT(gateway->url.starts_with("https://"));
  const Value values[] = {{"to", rest},     {"to_digits", rest}, {"from", rest},
                          {"text", rest},   {"account", "a"},    {"key", rest},
                          {"secret", rest}, {"region", "r"}};
  const auto request = delivery::BuildRequest(*gateway, values);
  FUZZ_EXPECT(request.has_value());
  for (const Secret& header : request->headers)
    FUZZ_EXPECT(IsPrintableUtf8(AsText(header.Expose())));
  FUZZ_EXPECT(IsPrintableUtf8(AsText(request->url.Expose())));
  FUZZ_EXPECT(IsPrintableUtf8(AsText(request->body.Expose())));
  FUZZ_EXPECT(delivery::JudgeAnswer(*gateway, 500, rest) ==
              delivery::Reception::kRefused);
}

}  // namespace twofactor
