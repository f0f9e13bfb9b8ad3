// SPDX-License-Identifier: Apache-2.0
//
// delivery_config.h - twofactor-delivery.conf: how mail and text messages
// leave this host.
//
// Trust: the file is root's; a key, value or line that is not understood
// refuses all of it, and nothing is sent.

#ifndef TWOFACTOR_DELIVERY_HELPER_DELIVERY_CONFIG_H_
#define TWOFACTOR_DELIVERY_HELPER_DELIVERY_CONFIG_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/base/settings.h"

namespace twofactor::delivery {

enum class EmailWay : std::uint8_t { kOff = 0, kSmtp, kSendmail };
enum class SmsWay : std::uint8_t { kOff = 0, kHttp };
enum class SmtpTls : std::uint8_t { kStartTls = 0, kTls = 1 };

struct DeliveryConfig {
  EmailWay email = EmailWay::kOff;
  std::string email_from;
  std::string email_from_name;
  std::string email_template = TWOFACTOR_DATA_FOLDER "/email.txt";
  std::string notice_template = TWOFACTOR_DATA_FOLDER "/notice.txt";
  std::string smtp_server;
  int smtp_port = 587;
  SmtpTls smtp_tls = SmtpTls::kStartTls;
  std::string smtp_ca_file;
  std::string smtp_user;
  std::string smtp_password_file;
  std::string sendmail_program = "/usr/sbin/sendmail";

  SmsWay sms = SmsWay::kOff;
  std::string sms_gateway;
  std::string sms_text =
      "{code} is your code for {user} on {host}, good for {good_for}.";
  std::string sms_from;
  std::string sms_account;
  std::string sms_key;
  std::string sms_secret_file;
  std::string sms_region;
  std::string sms_ca_file;
  std::string proxy;
};

std::span<const ConfigKey> DeliveryKeys();

// Parses and checks that what is switched on has all that it needs.  kConfig.
Result<DeliveryConfig> ParseDeliveryConfig(std::string_view text,
                                           const std::string& name);

Result<DeliveryConfig> LoadDeliveryConfig(const std::string& path);

}  // namespace twofactor::delivery

#endif  // TWOFACTOR_DELIVERY_HELPER_DELIVERY_CONFIG_H_
