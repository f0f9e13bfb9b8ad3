// SPDX-License-Identifier: Apache-2.0
//
// gateway.cc - one table of keys, and what is made of their values.

#include "delivery_helper/gateway.h"

#include <algorithm>
#include <array>

#include "core/base/secret_text.h"

namespace twofactor::delivery {
namespace {

constexpr std::string_view kPlaceholders[] = {
    "to", "to_digits", "from", "text", "account", "key", "secret", "region"};
constexpr std::string_view kHttps = "https://";

bool SetTemplate(std::string_view value, std::string& field) {
  if (!CheckTemplate(value, kPlaceholders)) return false;
  field = value;
  return true;
}

// The host may be made of what the administrator sets, not of what is sent.
bool SetUrl(std::string_view value, std::string& field) {
  if (!value.starts_with(kHttps) || value.find(' ') != std::string_view::npos)
    return false;
  std::string_view host = value.substr(kHttps.size());
  host = host.substr(0, host.find_first_of("/?#"));
  constexpr std::string_view kOfHosts[] = {"region", "account"};
  return !host.empty() && host.find('@') == std::string_view::npos &&
         CheckTemplate(host, kOfHosts) && SetTemplate(value, field);
}

// "Name: value"
bool SetHeader(std::string_view value, std::string& field) {
  const auto colon = value.find(':');
  if (colon == 0 || colon == std::string_view::npos) return false;
  const bool name = std::ranges::all_of(value.substr(0, colon), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9') || c == '-';
  });
  return name && SetTemplate(value, field);
}

bool SetStatuses(std::string_view value, std::vector<int>& field) {
  std::vector<int> statuses;
  while (!(value = Trim(value)).empty()) {
    const auto end = std::min(value.find_first_of(kBlanks), value.size());
    const auto status = ParseNumber(value.substr(0, end), 200, 299);
    if (!status) return false;
    statuses.push_back(*status);
    value.remove_prefix(end);
  }
  field = std::move(statuses);
  return !field.empty();
}

constexpr Setting<Gateway> kSettings[] = {
    {{"method", "POST", "POST | GET", "The method of the request."},
     [](std::string_view value, Gateway& gateway) {
       return SetChoice(value, gateway.method,
                        std::to_array<std::pair<std::string_view, Method>>(
                            {{"POST", Method::kPost}, {"GET", Method::kGet}}));
     }},
    {{"url", "\"\"", "https://...",
      "Where it goes; in the host only {region} and {account} may stand."},
     [](std::string_view value, Gateway& gateway) {
       return SetUrl(value, gateway.url);
     }},
    {{"auth", "none", "none | basic | sigv4",
      "How it is authenticated, with {key} and {secret}: not, or by headers "
      "or a body of your own; HTTP Basic; AWS Signature Version 4."},
     [](std::string_view value, Gateway& gateway) {
       return SetChoice(value, gateway.auth,
                        std::to_array<std::pair<std::string_view, Auth>>(
                            {{"none", Auth::kNone},
                             {"basic", Auth::kBasic},
                             {"sigv4", Auth::kSigV4}}));
     }},
    {{"service", "\"\"", "small letters and digits",
      "The service that sigv4 signs for."},
     [](std::string_view value, Gateway& gateway) {
       gateway.service = value;
       return std::ranges::all_of(value, [](char c) {
         return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
       });
     }},
    {{"header_1", "\"\"", "Name: value", "A header of the request."},
     [](std::string_view value, Gateway& gateway) {
       return SetHeader(value, gateway.headers[0]);
     }},
    {{"header_2", "\"\"", "Name: value", "One more."},
     [](std::string_view value, Gateway& gateway) {
       return SetHeader(value, gateway.headers[1]);
     }},
    {{"header_3", "\"\"", "Name: value", "And one more."},
     [](std::string_view value, Gateway& gateway) {
       return SetHeader(value, gateway.headers[2]);
     }},
    {{"body_type", "form", "form | json",
      "What the body is, and so how values in it are escaped."},
     [](std::string_view value, Gateway& gateway) {
       return SetChoice(
           value, gateway.body_type,
           std::to_array<std::pair<std::string_view, BodyType>>(
               {{"form", BodyType::kForm}, {"json", BodyType::kJson}}));
     }},
    {{"body", "\"\"", "text", "The body of a POST."},
     [](std::string_view value, Gateway& gateway) {
       return SetTemplate(value, gateway.body);
     }},
    {{"good_status", "200", "numbers of 200 to 299",
      "The statuses that mean that the provider took the message."},
     [](std::string_view value, Gateway& gateway) {
       return SetStatuses(value, gateway.good_status);
     }},
    {{"good_text", "\"\"", "text; empty: any",
      "What an answer has to hold besides; blanks do not count."},
     [](std::string_view value, Gateway& gateway) {
       gateway.good_text = value;
       return true;
     }},
};
constexpr auto kKeys = KeysOf(kSettings);
constexpr auto kWords = WordsOf<kSettings>();
constexpr auto kSetters = SettersOf(kSettings);

Secret WithoutBlanks(std::string_view text) {
  SecretText solid;
  for (char c : text)
    if (c != ' ' && c != '\t' && c != '\r' && c != '\n') solid.Append({&c, 1});
  return std::move(solid).Take();
}

}  // namespace

std::span<const ConfigKey> GatewayKeys() { return kKeys; }

std::span<const std::string_view> GatewayPlaceholders() {
  return kPlaceholders;
}

Result<Gateway> ParseGateway(std::string_view text, const std::string& name) {
  Gateway gateway;
  TableSink<Gateway> sink(kSetters, gateway);
  RETURN_IF_ERROR(ParseSettings(text, name, kWords, sink, Shows::kKeysAlone));
  if (gateway.url.empty())
    return Fail(ErrorCode::kConfig, name + ": \"url\" has to be set");
  if (gateway.auth == Auth::kSigV4 && gateway.service.empty())
    return Fail(ErrorCode::kConfig, name + ": \"service\" has to be set");
  if (gateway.method == Method::kGet && !gateway.body.empty())
    return Fail(ErrorCode::kConfig, name + ": a GET has no \"body\"");
  return gateway;
}

Result<HttpRequest> BuildRequest(const Gateway& gateway,
                                 std::span<const Value> values) {
  HttpRequest request;
  ASSIGN_OR_RETURN(request.url, Fill(gateway.url, values, Sink::kUrl));
  for (const std::string& header : gateway.headers) {
    if (header.empty()) continue;
    ASSIGN_OR_RETURN(Secret line, Fill(header, values, Sink::kHeader));
    request.headers.push_back(std::move(line));
  }
  const bool json = gateway.body_type == BodyType::kJson;
  if (gateway.method == Method::kPost)
    request.headers.push_back(
        Joined({"Content-Type: ", json ? "application/json"
                                       : "application/x-www-form-urlencoded"}));
  ASSIGN_OR_RETURN(request.body,
                   Fill(gateway.body, values, json ? Sink::kJson : Sink::kUrl));
  return request;
}

Reception JudgeAnswer(const Gateway& gateway, long status,
                      std::string_view answer) {
  if (std::ranges::find(gateway.good_status, status) ==
      gateway.good_status.end())
    return Reception::kRefused;
  const Secret heard = WithoutBlanks(answer);
  const Secret wanted = WithoutBlanks(gateway.good_text);
  return AsText(heard.Expose()).find(AsText(wanted.Expose())) !=
                 std::string_view::npos
             ? Reception::kTaken
             : Reception::kRefused;
}

}  // namespace twofactor::delivery
