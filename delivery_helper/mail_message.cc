// SPDX-License-Identifier: Apache-2.0
//
// mail_message.cc - headers, encoded words, quoted-printable.

#include "delivery_helper/mail_message.h"

#include <algorithm>
#include <cstdio>

#include "core/base/encoding.h"
#include "core/base/secret_text.h"
#include "delivery_helper/template.h"

namespace twofactor::delivery {
namespace {

constexpr std::string_view kPlaceholders[] = {
    "user", "host", "code", "minutes", "good_for", "purpose", "events"};
constexpr std::string_view kSubject = "Subject: ";
constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
// An encoded word has at most 75 characters (RFC 2047 §2): 45 octets.
constexpr std::size_t kMaxWordOctets = 45;
constexpr std::size_t kMaxPlainLine = 78;   // RFC 5322 §2.1.1
constexpr std::size_t kMaxQuotedLine = 76;  // RFC 2045 §6.7

bool IsAscii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return (c & 0x80) == 0; });
}

void AddBase64(SecretText& output, std::string_view text) {
  for (std::size_t at = 0; at < text.size(); at += 3) {
    std::uint32_t bits = 0;
    const std::size_t count = std::min<std::size_t>(3, text.size() - at);
    for (std::size_t i = 0; i < 3; ++i)
      bits = bits << 8 |
             (i < count ? static_cast<std::uint8_t>(text[at + i]) : 0u);
    for (std::size_t i = 0; i < 4; ++i)
      output.Append(i <= count ? kBase64.substr(bits >> (18 - 6 * i) & 63, 1)
                               : "=");
  }
}

// As many octets as fit into an encoded word, without cutting a character.
std::string_view TakeWord(std::string_view& text) {
  std::size_t size = std::min(kMaxWordOctets, text.size());
  while (size < text.size() && size > 1 && (text[size] & 0xC0) == 0x80) --size;
  const std::string_view word = text.substr(0, size);
  text.remove_prefix(size);
  return word;
}

std::string Quoted(std::string_view text) {
  std::string quoted = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') quoted.push_back('\\');
    quoted.push_back(c);
  }
  return quoted + "\"";
}

Secret FromHeader(const Envelope& envelope) {
  if (envelope.from_name.empty()) return Joined({envelope.from});
  SecretText header;
  if (IsAscii(envelope.from_name))
    header.Append(Quoted(envelope.from_name));
  else
    header.Append(EncodedHeader(envelope.from_name));
  header.Append(" <").Append(envelope.from).Append(">");
  return std::move(header).Take();
}

bool NeedsQuoting(std::string_view body) {
  std::size_t line = 0;
  for (char c : body) {
    line = c == '\n' ? 0 : line + 1;
    if (line > kMaxPlainLine || (c & 0x80) != 0) return true;
  }
  return false;
}

void AddQuotedLine(SecretText& output, std::string_view line) {
  std::size_t column = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const auto byte = static_cast<std::uint8_t>(line[i]);
    const bool last = i + 1 == line.size();
    const bool plain =
        byte >= 0x20 && byte < 0x7F && byte != '=' && !(last && byte == ' ');
    const std::size_t width = plain ? 1 : 3;
    if (column + width > kMaxQuotedLine - 1) {
      output.Append("=\r\n");
      column = 0;
    }
    column += width;
    if (plain) {
      output.Append(line.substr(i, 1));
      continue;
    }
    std::string hex = HexEncode({&byte, 1});
    for (char& c : hex)
      if (c >= 'a') c = static_cast<char>(c - 'a' + 'A');
    output.Append("=").Append(hex);
  }
}

void AddBody(SecretText& output, std::string_view body) {
  const bool quoted = NeedsQuoting(body);
  while (!body.empty()) {
    const auto end = std::min(body.find('\n'), body.size());
    const std::string_view line = body.substr(0, end);
    quoted ? AddQuotedLine(output, line) : void(output.Append(line));
    output.Append("\r\n");
    body.remove_prefix(std::min(end + 1, body.size()));
  }
}

}  // namespace

std::string_view Purpose(MessageKind kind) {
  switch (kind) {
    case MessageKind::kRecoveryCode:
      return "It lets its reader replace all of this account's devices.";
    case MessageKind::kAddressCheck:
      return "It proves that this address is yours.";
    case MessageKind::kLoginCode:
      return "It lets somebody in who has typed your password.";
    case MessageKind::kNotice:
      return "";
  }
  return "";
}

std::string GoodFor(std::chrono::minutes time) {
  return std::to_string(time.count()) +
         (time.count() == 1 ? " minute" : " minutes");
}

Secret EncodedHeader(std::string_view text) {
  if (IsAscii(text) && text.size() <= kMaxPlainLine - kSubject.size() &&
      text.find("=?") == std::string_view::npos)
    return Joined({text});
  SecretText encoded;
  while (!text.empty()) {
    if (encoded.size() > 0) encoded.Append("\r\n ");
    encoded.Append("=?UTF-8?B?");
    AddBase64(encoded, TakeWord(text));
    encoded.Append("?=");
  }
  return std::move(encoded).Take();
}

std::string MailDate(UnixTime time) {
  constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed",
                                   "Thu", "Fri", "Sat"};
  constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  char text[64];
  std::snprintf(text, sizeof(text), "%s, %u %s %d %02d:%02d:%02d +0000",
                kDays[std::chrono::weekday(day).c_encoding()],
                static_cast<unsigned>(date.day()),
                kMonths[static_cast<unsigned>(date.month()) - 1],
                static_cast<int>(date.year()),
                static_cast<int>(clock.hours().count()),
                static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  return text;
}

Result<MailTemplate> ParseMailTemplate(std::string_view text,
                                       std::string_view needed) {
  const auto end = text.find('\n');
  if (!text.starts_with(kSubject) || end == std::string_view::npos ||
      end + 1 >= text.size() || text[end + 1] != '\n')
    return Fail(ErrorCode::kConfig,
                "no \"Subject: \" and empty line at its start");
  MailTemplate form;
  form.subject = text.substr(kSubject.size(), end - kSubject.size());
  form.body = text.substr(end + 2);
  std::string printable = form.subject + form.body;
  for (char& c : printable)
    if (c == '\n') c = ' ';
  if (!IsPrintableUtf8(printable) || form.body.empty())
    return Fail(ErrorCode::kConfig,
                "no text in UTF-8 without control characters");
  RETURN_IF_ERROR(CheckTemplate(form.subject, kPlaceholders));
  RETURN_IF_ERROR(CheckTemplate(form.body, kPlaceholders));
  if (form.body.find(needed) == std::string::npos)
    return Fail(ErrorCode::kConfig,
                "no " + std::string(needed) + " in its body");
  return form;
}

Result<Secret> ComposeMail(const MailTemplate& form, const Message& message,
                           const Envelope& envelope) {
  const std::string minutes = std::to_string(message.good_for.count());
  const std::string good_for = GoodFor(message.good_for);
  const Value values[] = {{"user", message.user},
                          {"host", envelope.host},
                          {"code", AsText(message.code.Expose())},
                          {"minutes", minutes},
                          {"good_for", good_for},
                          {"purpose", Purpose(message.kind)},
                          {"events", message.text, Shape::kLines}};
  ASSIGN_OR_RETURN(const Secret subject,
                   Fill(form.subject, values, Sink::kHeader));
  ASSIGN_OR_RETURN(const Secret body, Fill(form.body, values, Sink::kText));
  const bool quoted = NeedsQuoting(AsText(body.Expose()));
  SecretText mail;
  mail.Append("Date: ").Append(MailDate(envelope.now)).Append("\r\nFrom: ");
  mail.Append(FromHeader(envelope)).Append("\r\nTo: ").Append(message.address);
  mail.Append("\r\nSubject: ").Append(EncodedHeader(AsText(subject.Expose())));
  mail.Append("\r\nMessage-ID: <").Append(envelope.message_id).Append("@");
  mail.Append(envelope.host).Append(">\r\nAuto-Submitted: auto-generated");
  mail.Append(
      "\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8");
  mail.Append("\r\nContent-Transfer-Encoding: ");
  mail.Append(quoted ? "quoted-printable" : "7bit").Append("\r\n\r\n");
  AddBody(mail, AsText(body.Expose()));
  return std::move(mail).Take();
}

}  // namespace twofactor::delivery
