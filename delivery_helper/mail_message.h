// SPDX-License-Identifier: Apache-2.0
//
// mail_message.h - an Internet message (RFC 5322) with a code or events in it.
//
// Trust: the template is the administrator's; user and host may hold any
// bytes.  No value can start a header or end the headers.

#ifndef TWOFACTOR_DELIVERY_HELPER_MAIL_MESSAGE_H_
#define TWOFACTOR_DELIVERY_HELPER_MAIL_MESSAGE_H_

#include <string>
#include <string_view>

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/base/secret.h"
#include "core/delivery/courier.h"

namespace twofactor::delivery {

struct Envelope {
  std::string from;
  std::string from_name;
  std::string host;        // This one's name.
  UnixTime now{};          //
  std::string message_id;  // Its part before the "@".
};

// What a template starts with: "Subject: TEXT", an empty line, the body.
struct MailTemplate {
  std::string subject;
  std::string body;
};
// kConfig, when it has another form or a placeholder that is not known, or not
// the one that is needed: "{code}" or "{events}".
Result<MailTemplate> ParseMailTemplate(std::string_view text,
                                       std::string_view needed = "{code}");

// Headers and body, with CR LF.
Result<Secret> ComposeMail(const MailTemplate& form, const Message& message,
                           const Envelope& envelope);

// One sentence: what the code is for.
std::string_view Purpose(MessageKind kind);

// "1 minute", "15 minutes".
std::string GoodFor(std::chrono::minutes time);

// `text` as a header may hold it: itself when it is plain ASCII, else encoded
// words of RFC 2047.
Secret EncodedHeader(std::string_view text);

// RFC 5322 §3.3, in UTC.
std::string MailDate(UnixTime time);

}  // namespace twofactor::delivery

#endif  // TWOFACTOR_DELIVERY_HELPER_MAIL_MESSAGE_H_
