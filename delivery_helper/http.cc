// SPDX-License-Identifier: Apache-2.0
//
// http.cc - one HTTPS request, and what the answer means.

#include "delivery_helper/http.h"

#include <string>

#include "delivery_helper/transfer.h"

namespace twofactor::delivery {
namespace {

constexpr long kUnauthorized = 401;
constexpr long kForbidden = 403;

void Authenticate(Transfer& transfer, const TextMessage& message) {
  const Gateway& gateway = message.gateway;
  if (gateway.auth == Auth::kNone) return;
  transfer.Set(CURLOPT_USERNAME, message.config.sms_key.c_str());
  transfer.SetText(CURLOPT_PASSWORD, message.secret);
  if (gateway.auth == Auth::kBasic)
    transfer.Set(CURLOPT_HTTPAUTH, static_cast<long>(CURLAUTH_BASIC));
  else
    transfer.Set(CURLOPT_AWS_SIGV4, ("aws:amz:" + message.config.sms_region +
                                     ":" + gateway.service)
                                        .c_str());
}

DeliveryReport Judge(const TextMessage& message, const Transfer& transfer,
                     CURLcode code, Transcript transcript) {
  if (code != CURLE_OK)
    return std::move(transcript).Finish(StageOf(code), transfer.Explain(code));
  const long status = transfer.status();
  if (!transfer.answer().empty()) transcript.Heard(transfer.answer());
  const Secret line =
      Joined({"HTTP ", std::to_string(status),
              transfer.answer().empty() ? "" : ": ", transfer.answer()});
  const std::string said = transcript.Clean(AsText(line.Expose()));
  if (JudgeAnswer(message.gateway, status, transfer.answer()) ==
      Reception::kTaken)
    return std::move(transcript).Finish(Stage::kDone, said);
  if (status >= 300 && status < 400)
    return std::move(transcript)
        .Finish(Stage::kRefused, said + " (redirects are not followed)");
  const bool denied = status == kUnauthorized || status == kForbidden;
  return std::move(transcript)
      .Finish(denied ? Stage::kAuth : Stage::kRefused, said);
}

}  // namespace

DeliveryReport SendByHttp(const TextMessage& message, Transcript transcript) {
  const DeliveryConfig& config = message.config;
  const Value values[] = {
      {"to", message.number},
      {"to_digits", std::string_view(message.number).substr(1)},
      {"from", config.sms_from},
      {"text", AsText(message.text.Expose())},
      {"account", config.sms_account},
      {"key", config.sms_key},
      {"secret", AsText(message.secret.Expose())},
      {"region", config.sms_region}};
  const auto request = BuildRequest(message.gateway, values);
  if (!request)
    return std::move(transcript)
        .Finish(Stage::kConfig, request.error().context);

  Transfer transfer("https", message.time, transcript);
  transfer.SetText(CURLOPT_URL, request->url);
  transfer.SetList(CURLOPT_HTTPHEADER, request->headers);
  transfer.Set(CURLOPT_USERAGENT, "twofactor-deliver");
  transfer.Set(CURLOPT_PROXY, config.proxy.c_str());
  transfer.TrustOnly(config.sms_ca_file);
  Authenticate(transfer, message);
  if (message.gateway.method == Method::kPost) {
    transfer.Set(CURLOPT_POSTFIELDSIZE,
                 static_cast<long>(request->body.size()));
    transfer.SetText(CURLOPT_COPYPOSTFIELDS, request->body);
  }
  const CURLcode code = transfer.Run();
  return Judge(message, transfer, code, std::move(transcript));
}

}  // namespace twofactor::delivery
