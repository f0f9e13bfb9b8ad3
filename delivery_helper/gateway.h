// SPDX-License-Identifier: Apache-2.0
//
// gateway.h - how a provider of text messages is asked, and what a good answer
// looks like: a file that the administrator chooses or writes.
//
// Trust: the file is root's; every line is checked all the same.  Answers are
// the network's.

#ifndef TWOFACTOR_DELIVERY_HELPER_GATEWAY_H_
#define TWOFACTOR_DELIVERY_HELPER_GATEWAY_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/base/secret.h"
#include "core/base/settings.h"
#include "delivery_helper/template.h"

namespace twofactor::delivery {

enum class Method : std::uint8_t { kPost = 0, kGet = 1 };
enum class Auth : std::uint8_t { kNone = 0, kBasic, kSigV4 };
enum class BodyType : std::uint8_t { kForm = 0, kJson = 1 };

struct Gateway {
  Method method = Method::kPost;
  std::string url;
  Auth auth = Auth::kNone;
  std::string service;  // That kSigV4 signs for.
  std::string headers[3];
  BodyType body_type = BodyType::kForm;
  std::string body;
  std::vector<int> good_status{200};
  std::string good_text;  // That a good answer holds; blanks do not count.
};

std::span<const ConfigKey> GatewayKeys();

// kConfig, with "name:line: what" as context.
Result<Gateway> ParseGateway(std::string_view text, const std::string& name);

// What stands in for the placeholders of a gateway.
std::span<const std::string_view> GatewayPlaceholders();

struct HttpRequest {
  Secret url;
  std::vector<Secret> headers;
  Secret body;
};
Result<HttpRequest> BuildRequest(const Gateway& gateway,
                                 std::span<const Value> values);

enum class Reception : std::uint8_t { kRefused = 0, kTaken = 1 };
Reception JudgeAnswer(const Gateway& gateway, long status,
                      std::string_view answer);

}  // namespace twofactor::delivery

#endif  // TWOFACTOR_DELIVERY_HELPER_GATEWAY_H_
