// SPDX-License-Identifier: Apache-2.0
//
// transfer.h - one exchange with a server through libcurl.
//
// What every exchange has: TLS 1.2 or later with a verified certificate, no
// redirects, no netrc, a proxy only when the configuration names one, an answer
// of bounded size, a deadline.
//
// Trust: the server may be anybody until its certificate is checked, and says
// what it likes then.

#ifndef TWOFACTOR_DELIVERY_HELPER_TRANSFER_H_
#define TWOFACTOR_DELIVERY_HELPER_TRANSFER_H_

#include <curl/curl.h>

#include <chrono>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/secret.h"
#include "core/base/secret_text.h"
#include "core/delivery/request.h"
#include "delivery_helper/transcript.h"

namespace twofactor::delivery {

constexpr std::size_t kMaxAnswerSize = 64 * 1024;

class Transfer {
 public:
  // `protocols` as CURLOPT_PROTOCOLS_STR has them.
  Transfer(const char* protocols, std::chrono::milliseconds time,
           Transcript& transcript);
  ~Transfer();
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  // Fails later, when the exchange is run, if libcurl does not take it.
  template <typename T>
  void Set(CURLoption option, T value) {
    if (curl_easy_setopt(curl_, option, value) != CURLE_OK) sound_ = false;
  }
  void SetText(CURLoption option, const Secret& text);
  void SetList(CURLoption option, std::span<const Secret> lines);
  void TrustOnly(const std::string& ca_file);  // Empty: the system's.
  void Upload(const Secret& content);          // Must outlive the exchange.

  CURLcode Run();

  long status() const;  // The last one of the server; 0 for none.
  std::string_view answer() const { return AsText(answer_.Expose()); }
  // Why it failed, in words.
  std::string Explain(CURLcode code) const;

 private:
  static int Trace(CURL*, curl_infotype type, char* data, std::size_t size,
                   void* self);
  static std::size_t Read(char* buffer, std::size_t size, std::size_t count,
                          void* self);
  static std::size_t Write(char* data, std::size_t size, std::size_t count,
                           void* self);

  CURL* curl_;
  Transcript& transcript_;
  bool sound_ = true;
  std::vector<curl_slist*> lists_;
  SecretText answer_;  // It may repeat what was sent.
  Bytes rest_;
  char error_[CURL_ERROR_SIZE] = {};
};

// Where libcurl looks for certificates: `ca_file`, or without one the system's
// file and folder, which may be links.
std::vector<std::string> CertificateFiles(const std::string& ca_file);

// How far an exchange came that ended like this.
Stage StageOf(CURLcode code);

}  // namespace twofactor::delivery

#endif  // TWOFACTOR_DELIVERY_HELPER_TRANSFER_H_
