// SPDX-License-Identifier: Apache-2.0
//
// mail_template_fuzz.cc - a template of mail, and who it is for.

#include "delivery_helper/mail_message.h"
#include "tests/fuzz/fuzz_target.h"

namespace twofactor {

void Fuzz(Bytes input) {
  const std::string_view text = AsText(input);
  const auto split = text.find('\0');
  const auto form = delivery::ParseMailTemplate(text.substr(0, split));
  if (!form) return;
  Message message{
      .address = "a@b",
      .user = std::string(split == std::string_view::npos ? ""
                                                          : text.substr(split)),
      .code = Secret::CopyOf(AsBytes("1234"))};
  delivery::Envelope envelope;
  envelope.host = "h";
  const auto mail = delivery::ComposeMail(*form, message, envelope);
  FUZZ_EXPECT(mail.has_value());
  std::string_view rest = AsText(mail->Expose());
  const auto headers = rest.substr(0, rest.find("\r\n\r\n"));
  FUZZ_EXPECT(headers.find("\nContent-Transfer-Encoding: ") !=
              std::string_view::npos);
  // Every line ends with CR LF and keeps the limit of RFC 5322 §2.1.1.
  while (!rest.empty()) {
    const auto end = rest.find("\r\n");
    FUZZ_EXPECT(end != std::string_view::npos && end <= 998);
    FUZZ_EXPECT(rest.substr(0, end).find_first_of("\r\n") ==
                std::string_view::npos);
    rest.remove_prefix(end + 2);
  }
}

}  // namespace twofactor
