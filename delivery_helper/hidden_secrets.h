// SPDX-License-Identifier: Apache-2.0
//
// hidden_secrets.h - text without codes and credentials, however they are
// spelled in it.
//
// Trust: the text is the network's.

#ifndef TWOFACTOR_DELIVERY_HELPER_HIDDEN_SECRETS_H_
#define TWOFACTOR_DELIVERY_HELPER_HIDDEN_SECRETS_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/secret.h"

namespace twofactor::delivery {

class HiddenSecrets {
 public:
  // Those of less than 4 bytes are everywhere, and not hidden.
  void Add(std::string_view secret);

  // `text` with "[hidden]" for each secret that stands in it
  //   - as it is;
  //   - escaped for a URL or form (RFC 3986 §2.1) or in JSON (RFC 8259 §7);
  //   - without its dashes, if enough is left to tell it from other words;
  //   - in Base64 (RFC 4648 §4 and §5), and then for all that was encoded along
  //     with it, such as the user's name for a login.
  // No copy of a secret is left in memory.
  std::string Clean(std::string_view text) const;

 private:
  std::size_t PlainSize(std::string_view text) const;
  bool IsAnyIn(std::string_view text) const;
  bool IsAnyEncodedIn(Bytes values) const;

  std::vector<Secret> secrets_;
};

}  // namespace twofactor::delivery

#endif  // TWOFACTOR_DELIVERY_HELPER_HIDDEN_SECRETS_H_
