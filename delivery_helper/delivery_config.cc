// SPDX-License-Identifier: Apache-2.0
//
// delivery_config.cc - one table of keys.

#include "delivery_helper/delivery_config.h"

#include <algorithm>
#include <array>

#include "core/delivery/address.h"
#include "delivery_helper/template.h"
#include "delivery_helper/trusted_file.h"

namespace twofactor::delivery {
namespace {

constexpr std::string_view kSmsPlaceholders[] = {
    "user", "host", "code", "minutes", "good_for", "purpose"};

bool SetText(std::string_view value, std::size_t max_size, std::string& field) {
  if (value.size() > max_size) return false;
  field = value;
  return true;
}

bool SetPath(std::string_view value, std::string& field) {
  if (!value.starts_with('/') || value.size() < 2 || value.ends_with('/'))
    return false;
  field = value;
  return true;
}

bool SetPathOrNone(std::string_view value, std::string& field) {
  if (!value.empty()) return SetPath(value, field);
  field.clear();
  return true;
}

// Letters, digits, "-" and ".", as in names of hosts; brackets of IPv6.
bool IsHost(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9') || c == '-' || c == '.' || c == ':' ||
           c == '[' || c == ']';
  });
}

bool SetHost(std::string_view value, std::string& field) {
  return IsHost(value) && SetText(value, 255, field);
}

// Letters, digits, "-" and "_".
bool SetWord(std::string_view value, std::string& field) {
  const bool word = std::ranges::all_of(value, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
  return word && SetText(value, 128, field);
}

bool SetProxy(std::string_view value, std::string& field) {
  constexpr std::string_view kHttp = "http://";
  if (!value.empty() &&
      (!value.starts_with(kHttp) || value.size() == kHttp.size() ||
       !IsHost(value.substr(kHttp.size()))))
    return false;
  return SetText(value, 255, field);
}

constexpr Setting<DeliveryConfig> kSettings[] = {
    {{"email", "off", "off | smtp | sendmail",
      "How mail leaves this host: to a server over TLS, or to the host's own "
      "sendmail program, which queues it."},
     [](std::string_view value, DeliveryConfig& config) {
       return SetChoice(value, config.email,
                        std::to_array<std::pair<std::string_view, EmailWay>>(
                            {{"off", EmailWay::kOff},
                             {"smtp", EmailWay::kSmtp},
                             {"sendmail", EmailWay::kSendmail}}));
     }},
    {{"email_from", "\"\"", "address", "Whom mail is from."},
     [](std::string_view value, DeliveryConfig& config) {
       return (value.empty() || IsEmailAddress(value)) &&
              SetText(value, 254, config.email_from);
     }},
    {{"email_from_name", "\"\"", "text of at most 64 bytes",
      "The name that stands beside that address."},
     [](std::string_view value, DeliveryConfig& config) {
       return SetText(value, 64, config.email_from_name);
     }},
    {{"email_template", TWOFACTOR_DATA_FOLDER "/email.txt", "absolute path",
      "Subject and text of mail."},
     [](std::string_view value, DeliveryConfig& config) {
       return SetPath(value, config.email_template);
     }},
    {{"notice_template", TWOFACTOR_DATA_FOLDER "/notice.txt", "absolute path",
      "Subject and text of mail that tells of events."},
     [](std::string_view value, DeliveryConfig& config) {
       return SetPath(value, config.notice_template);
     }},
    {{"smtp_server", "\"\"", "name or address of a host",
      "Which server takes the mail."},
     [](std::string_view value, DeliveryConfig& config) {
       return SetHost(value, config.smtp_server);
     }},
    {{"smtp_port", "587", "1..65535", "Its port."},
     [](std::string_view value, DeliveryConfig& config) {
       const auto port = ParseNumber(value, 1, 65535);
       if (port) config.smtp_port = *port;
       return port.has_value();
     }},
    {{"smtp_tls", "starttls", "starttls | tls",
      "Whether the connection becomes TLS by STARTTLS, or is from its start; "
      "without it nothing is sent."},
     [](std::string_view value, DeliveryConfig& config) {
       return SetChoice(
           value, config.smtp_tls,
           std::to_array<std::pair<std::string_view, SmtpTls>>(
               {{"starttls", SmtpTls::kStartTls}, {"tls", SmtpTls::kTls}}));
     }},
    {{"smtp_ca_file", "\"\"", "absolute path; empty: the system's",
      "Who may have signed the certificate of the server."},
     [](std::string_view value, DeliveryConfig& config) {
       return SetPathOrNone(value, config.smtp_ca_file);
     }},
    {{"smtp_user", "\"\"", "text of at most 128 bytes; empty: no login",
      "The name to log in to the server with."},
     [](std::string_view value, DeliveryConfig& config) {
       return SetText(value, 128, config.smtp_user);
     }},
    {{"smtp_password_file", "\"\"", "absolute path",
      "Where the password of smtp_user is."},
     [](std::string_view value, DeliveryConfig& config) {
       return SetPathOrNone(value, config.smtp_password_file);
     }},
    {{"sendmail_program", "/usr/sbin/sendmail", "absolute path",
      "The program that takes mail with -i -t -fADDRESS."},
     [](std::string_view value, DeliveryConfig& config) {
       return SetPath(value, config.sendmail_program);
     }},
    {{"sms", "off", "off | http",
      "Whether text messages leave this host, through the gateway of a "
      "provider."},
     [](std::string_view value, DeliveryConfig& config) {
       return SetChoice(value, config.sms,
                        std::to_array<std::pair<std::string_view, SmsWay>>(
                            {{"off", SmsWay::kOff}, {"http", SmsWay::kHttp}}));
     }},
    {{"sms_gateway", "\"\"", "absolute path",
      "The file that says how the provider is asked."},
     [](std::string_view value, DeliveryConfig& config) {
       return SetPathOrNone(value, config.sms_gateway);
     }},
    {{"sms_text",
      "\"{code} is your code for {user} on {host}, good for "
      "{good_for}.\"",
      "text of at most 300 bytes", "What a text message says."},
     [](std::string_view value, DeliveryConfig& config) {
       return !value.empty() && CheckTemplate(value, kSmsPlaceholders) &&
              SetText(value, 300, config.sms_text);
     }},
    {{"sms_from", "\"\"", "text of at most 64 bytes",
      "The number or name that text messages are from."},
     [](std::string_view value, DeliveryConfig& config) {
       return SetText(value, 64, config.sms_from);
     }},
    {{"sms_account", "\"\"", "letters, digits, - and _",
      "The account at the provider, where its gateway asks for one."},
     [](std::string_view value, DeliveryConfig& config) {
       return SetWord(value, config.sms_account);
     }},
    {{"sms_key", "\"\"", "text of at most 128 bytes",
      "The public half of the credential: user, API key or access key id."},
     [](std::string_view value, DeliveryConfig& config) {
       return SetText(value, 128, config.sms_key);
     }},
    {{"sms_secret_file", "\"\"", "absolute path",
      "Where the secret half of the credential is."},
     [](std::string_view value, DeliveryConfig& config) {
       return SetPathOrNone(value, config.sms_secret_file);
     }},
    {{"sms_region", "\"\"", "letters, digits, - and _",
      "The provider's region, where its gateway asks for one."},
     [](std::string_view value, DeliveryConfig& config) {
       return SetWord(value, config.sms_region);
     }},
    {{"sms_ca_file", "\"\"", "absolute path; empty: the system's",
      "Who may have signed the certificate of the gateway."},
     [](std::string_view value, DeliveryConfig& config) {
       return SetPathOrNone(value, config.sms_ca_file);
     }},
    {{"proxy", "\"\"", "http://HOST:PORT; empty: none",
      "The HTTP proxy between this host and the gateway."},
     [](std::string_view value, DeliveryConfig& config) {
       return SetProxy(value, config.proxy);
     }},
};
constexpr auto kKeys = KeysOf(kSettings);
constexpr auto kWords = WordsOf<kSettings>();
constexpr auto kSetters = SettersOf(kSettings);

// The key that is needed and has no value; null when all have.
const char* Lacking(const DeliveryConfig& config) {
  if (config.email != EmailWay::kOff && config.email_from.empty())
    return "email_from";
  if (config.email == EmailWay::kSmtp) {
    if (config.smtp_server.empty()) return "smtp_server";
    if (config.smtp_user.empty() != config.smtp_password_file.empty())
      return config.smtp_user.empty() ? "smtp_user" : "smtp_password_file";
  }
  if (config.sms == SmsWay::kHttp && config.sms_gateway.empty())
    return "sms_gateway";
  return nullptr;
}

}  // namespace

std::span<const ConfigKey> DeliveryKeys() { return kKeys; }

Result<DeliveryConfig> ParseDeliveryConfig(std::string_view text,
                                           const std::string& name) {
  DeliveryConfig config;
  TableSink<DeliveryConfig> sink(kSetters, config);
  RETURN_IF_ERROR(ParseSettings(text, name, kWords, sink, Shows::kKeysAlone));
  if (const char* key = Lacking(config))
    return Fail(ErrorCode::kConfig,
                name + ": \"" + key + "\" has to be set as well");
  return config;
}

Result<DeliveryConfig> LoadDeliveryConfig(const std::string& path) {
  ASSIGN_OR_RETURN(const Secret text, ReadTrustedFile(path, Kind::kPublic));
  return ParseDeliveryConfig(AsText(text.Expose()), path);
}

}  // namespace twofactor::delivery
