// SPDX-License-Identifier: Apache-2.0
//
// smtp.cc - RFC 5321 with STARTTLS (RFC 3207) or implicit TLS (RFC 8314).

#include "delivery_helper/smtp.h"

#include <string>

#include "delivery_helper/transfer.h"

namespace twofactor::delivery {
namespace {

// Where, and as whom we say hello.
std::string Url(const Submission& submission) {
  const bool tls = submission.config.smtp_tls == SmtpTls::kTls;
  return std::string(tls ? "smtps://" : "smtp://") +
         submission.config.smtp_server + ":" +
         std::to_string(submission.config.smtp_port) + "/" + submission.host;
}

}  // namespace

DeliveryReport SendBySmtp(const Submission& submission, Transcript transcript) {
  const DeliveryConfig& config = submission.config;
  Transfer transfer("smtp,smtps", submission.time, transcript);
  transfer.Set(CURLOPT_URL, Url(submission).c_str());
  transfer.Set(CURLOPT_USE_SSL, static_cast<long>(CURLUSESSL_ALL));
  transfer.TrustOnly(config.smtp_ca_file);
  if (!submission.password.empty()) {
    transfer.Set(CURLOPT_USERNAME, config.smtp_user.c_str());
    transfer.SetText(CURLOPT_PASSWORD, submission.password);
  }
  transfer.Set(CURLOPT_MAIL_FROM, ("<" + config.email_from + ">").c_str());
  const Secret recipients[] = {Joined({"<", submission.recipient, ">"})};
  transfer.SetList(CURLOPT_MAIL_RCPT, recipients);
  transfer.Upload(submission.mail);

  const CURLcode code = transfer.Run();
  Stage stage = StageOf(code);
  // Once the server has said no, its own words say most.
  constexpr long kFirstRefusal = 400;
  const std::string heard = transcript.last_heard();
  const bool refused = code != CURLE_OK && code != CURLE_OPERATION_TIMEDOUT &&
                       transfer.status() >= kFirstRefusal;
  if (refused && stage != Stage::kAuth) stage = Stage::kRefused;
  if (stage == Stage::kDone) return std::move(transcript).Finish(stage, heard);
  const std::string why = transfer.Explain(code);
  return std::move(transcript)
      .Finish(stage, refused ? heard + " (" + why + ")" : why);
}

}  // namespace twofactor::delivery
