// SPDX-License-Identifier: Apache-2.0
//
// deliver.cc - email or text message, by the way that is configured.

#include "delivery_helper/deliver.h"

#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/encoding.h"
#include "core/base/random.h"
#include "delivery_helper/confinement.h"
#include "delivery_helper/delivery_config.h"
#include "delivery_helper/gateway.h"
#include "delivery_helper/http.h"
#include "delivery_helper/mail_message.h"
#include "delivery_helper/sendmail.h"
#include "delivery_helper/smtp.h"
#include "delivery_helper/template.h"
#include "delivery_helper/transfer.h"
#include "delivery_helper/trusted_file.h"

namespace twofactor::delivery {
namespace {

std::unexpected<Error> About(const std::string& path, const Error& error) {
  return Fail(error.code, path + ": " + error.context);
}

// This host's name, or what stands in for one that no header could hold.
std::string HostName() {
  char name[256] = {};
  if (gethostname(name, sizeof(name) - 1) != 0) return "localhost";
  const std::string_view text = name;
  for (char c : text)
    if (PercentEncode({&c, 1}) != std::string_view(&c, 1)) return "localhost";
  return text.empty() ? "localhost" : name;
}

Result<Secret> ReadSecret(const std::string& path) {
  if (path.empty()) return Secret();
  return ReadCredential(path);
}

Result<Secret> Mail(const DeliveryConfig& config, const Message& message,
                    const std::string& host) {
  const bool notice = message.kind == MessageKind::kNotice;
  const std::string& file =
      notice ? config.notice_template : config.email_template;
  ASSIGN_OR_RETURN(const Secret text, ReadTrustedFile(file, Kind::kPublic));
  const auto form =
      ParseMailTemplate(AsText(text.Expose()), notice ? "{events}" : "{code}");
  if (!form) return About(file, form.error());
  std::uint8_t id[16];
  RETURN_IF_ERROR(FillRandom(id));
  ASSIGN_OR_RETURN(const Moment moment, SystemClock().Now());
  return ComposeMail(*form, message,
                     {.from = config.email_from,
                      .from_name = config.email_from_name,
                      .host = host,
                      .now = moment.now,
                      .message_id = HexEncode(id)});
}

Result<DeliveryReport> SendEmail(const DeliveryRequest& request,
                                 const DeliveryConfig& config,
                                 Transcript transcript) {
  if (config.email == EmailWay::kOff)
    return std::move(transcript).Finish(Stage::kConfig, "email is off");
  const std::string host = HostName();
  ASSIGN_OR_RETURN(const Secret mail, Mail(config, request.message, host));
  // A sendmail that queues is set-group-ID or set-user-ID nearly everywhere,
  // so it is the one way that keeps the right to gain its privileges.
  if (config.email == EmailWay::kSendmail)
    return SendBySendmail(
        {config.sendmail_program, config.email_from, mail, request.time},
        std::move(transcript));
  ASSIGN_OR_RETURN(const Secret password,
                   ReadSecret(config.smtp_password_file));
  transcript.Hide(AsText(password.Expose()));
  RETURN_IF_ERROR(CheckCertificates(config.smtp_ca_file));
  if (!Confine(CertificateFiles(config.smtp_ca_file)))
    return Fail(ErrorCode::kInternal, "cannot give up privileges");
  return SendBySmtp(
      {config, password, host, request.message.address, mail, request.time},
      std::move(transcript));
}

Result<Secret> SmsText(const DeliveryConfig& config, const Message& message) {
  const std::string minutes = std::to_string(message.good_for.count());
  const std::string good_for = GoodFor(message.good_for);
  const std::string host = HostName();
  const Value values[] = {{"user", message.user},
                          {"host", host},
                          {"code", AsText(message.code.Expose())},
                          {"minutes", minutes},
                          {"good_for", good_for},
                          {"purpose", Purpose(message.kind)}};
  return Fill(config.sms_text, values, Sink::kText);
}

Result<DeliveryReport> SendSms(const DeliveryRequest& request,
                               const DeliveryConfig& config,
                               Transcript transcript) {
  if (config.sms == SmsWay::kOff)
    return std::move(transcript).Finish(Stage::kConfig, "sms is off");
  ASSIGN_OR_RETURN(const Secret file,
                   ReadTrustedFile(config.sms_gateway, Kind::kPublic));
  ASSIGN_OR_RETURN(const Gateway gateway,
                   ParseGateway(AsText(file.Expose()), config.sms_gateway));
  ASSIGN_OR_RETURN(const Secret secret, ReadSecret(config.sms_secret_file));
  ASSIGN_OR_RETURN(const Secret text, SmsText(config, request.message));
  transcript.Hide(AsText(secret.Expose()));
  RETURN_IF_ERROR(CheckCertificates(config.sms_ca_file));
  if (!Confine(CertificateFiles(config.sms_ca_file)))
    return Fail(ErrorCode::kInternal, "cannot give up privileges");
  return SendByHttp(
      {config, gateway, secret, request.message.address, text, request.time},
      std::move(transcript));
}

}  // namespace

DeliveryReport Deliver(const DeliveryRequest& request,
                       const std::string& config_path) {
  Transcript transcript(request.detail);
  transcript.Hide(AsText(request.message.code.Expose()));
  const auto config = LoadDeliveryConfig(config_path);
  if (!config) return {Stage::kConfig, config.error().context, {}};
  auto report = request.channel == Channel::kEmail
                    ? SendEmail(request, *config, std::move(transcript))
                    : SendSms(request, *config, std::move(transcript));
  if (report) return std::move(*report);
  const bool configured = report.error().code != ErrorCode::kConfig;
  return {configured ? Stage::kInternal : Stage::kConfig,
          report.error().context,
          {}};
}

}  // namespace twofactor::delivery
