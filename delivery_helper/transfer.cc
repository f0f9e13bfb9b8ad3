// SPDX-License-Identifier: Apache-2.0
//
// transfer.cc - options, callbacks and error codes of libcurl.

#include "delivery_helper/transfer.h"

#include <algorithm>
#include <cstring>

namespace twofactor::delivery {
namespace {

// Whether a line that we sent may be shown: commands of SMTP, and what HTTP
// asks for; neither credentials nor the message.
bool MayBeShown(std::string_view line) {
  for (std::string_view word :
       {"EHLO ", "HELO ", "STARTTLS", "MAIL ", "RCPT ", "DATA", "QUIT"})
    if (line.starts_with(word)) return true;
  return false;
}

// Whether libcurl's remark tells of more than the connection.
bool IsOfTheConnection(std::string_view remark) {
  for (std::string_view word :
       {"Trying ", "Connected to ", "Could not resolve", "SSL connection",
        "SSL certificate", "subject: ", "issuer: ", "connect to "})
    if (remark.find(word) != std::string_view::npos) return true;
  return false;
}

// As libcurl wants a text: with a NUL behind it.
Secret Ended(const Secret& text) {
  return Joined({AsText(text.Expose()), std::string_view("\0", 1)});
}

const char* Pointer(const Secret& ended) {
  return reinterpret_cast<const char*>(ended.Expose().data());
}

}  // namespace

Transfer::Transfer(const char* protocols, std::chrono::milliseconds time,
                   Transcript& transcript)
    : curl_(curl_easy_init()), transcript_(transcript) {
  Set(CURLOPT_PROTOCOLS_STR, protocols);
  Set(CURLOPT_NOSIGNAL, 1L);
  Set(CURLOPT_TIMEOUT_MS, static_cast<long>(time.count()));
  Set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(time.count()));
  // Or it waits for a thread that waits for a name server, past any deadline.
  Set(CURLOPT_QUICK_EXIT, 1L);
  Set(CURLOPT_FOLLOWLOCATION, 0L);
  Set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  Set(CURLOPT_PROXY, "");
  Set(CURLOPT_SSL_VERIFYPEER, 1L);
  Set(CURLOPT_SSL_VERIFYHOST, 2L);
  Set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  Set(CURLOPT_ERRORBUFFER, error_);
  Set(CURLOPT_VERBOSE, 1L);
  Set(CURLOPT_DEBUGFUNCTION, &Transfer::Trace);
  Set(CURLOPT_DEBUGDATA, this);
  Set(CURLOPT_WRITEFUNCTION, &Transfer::Write);
  Set(CURLOPT_WRITEDATA, this);
}

Transfer::~Transfer() {
  for (curl_slist* list : lists_) curl_slist_free_all(list);
  curl_easy_cleanup(curl_);
}

void Transfer::SetText(CURLoption option, const Secret& text) {
  // libcurl keeps a copy of its own.
  Set(option, Pointer(Ended(text)));
}

void Transfer::SetList(CURLoption option, std::span<const Secret> lines) {
  curl_slist* list = nullptr;
  for (const Secret& line : lines) {
    curl_slist* longer = curl_slist_append(list, Pointer(Ended(line)));
    if (!longer) sound_ = false;
    if (longer) list = longer;
  }
  lists_.push_back(list);
  Set(option, list);
}

void Transfer::TrustOnly(const std::string& ca_file) {
  if (ca_file.empty()) return;
  Set(CURLOPT_CAINFO, ca_file.c_str());
  Set(CURLOPT_CAPATH, static_cast<const char*>(nullptr));
}

void Transfer::Upload(const Secret& content) {
  rest_ = content.Expose();
  Set(CURLOPT_UPLOAD, 1L);
  Set(CURLOPT_READFUNCTION, &Transfer::Read);
  Set(CURLOPT_READDATA, this);
  Set(CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(content.size()));
}

CURLcode Transfer::Run() {
  if (!curl_ || !sound_) return CURLE_FAILED_INIT;
  return curl_easy_perform(curl_);
}

long Transfer::status() const {
  long status = 0;
  curl_easy_getinfo(curl_, CURLINFO_RESPONSE_CODE, &status);
  return status;
}

std::string Transfer::Explain(CURLcode code) const {
  if (code == CURLE_WRITE_ERROR) return "the server answered too much";
  return error_[0] ? error_ : curl_easy_strerror(code);
}

int Transfer::Trace(CURL*, curl_infotype type, char* data, std::size_t size,
                    void* self) {
  Transcript& transcript = static_cast<Transfer*>(self)->transcript_;
  std::string_view text(data, size);
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    while (line.ends_with('\r')) line.remove_suffix(1);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty()) continue;
    if (type == CURLINFO_HEADER_IN) transcript.Heard(line);
    if (type == CURLINFO_TEXT && IsOfTheConnection(line))
      transcript.Step("* " + std::string(line));
    if (type == CURLINFO_HEADER_OUT)
      transcript.Step(MayBeShown(line) ? "> " + std::string(line)
                                       : "> (not shown)");
  }
  return 0;
}

std::size_t Transfer::Read(char* buffer, std::size_t size, std::size_t count,
                           void* self) {
  Bytes& rest = static_cast<Transfer*>(self)->rest_;
  const std::size_t taken = std::min(size * count, rest.size());
  if (taken > 0) std::memcpy(buffer, rest.data(), taken);
  rest = rest.subspan(taken);
  return taken;
}

std::size_t Transfer::Write(char* data, std::size_t size, std::size_t count,
                            void* self) {
  SecretText& answer = static_cast<Transfer*>(self)->answer_;
  if (size * count > kMaxAnswerSize - answer.size()) return 0;
  answer.Append({data, size * count});
  return size * count;
}

std::vector<std::string> CertificateFiles(const std::string& ca_file) {
  if (!ca_file.empty()) return {ca_file};
  std::vector<std::string> files;
  const curl_version_info_data* built = curl_version_info(CURLVERSION_NOW);
  for (const char* path : {built->cainfo, built->capath})
    if (path) files.emplace_back(path);
  return files;
}

Stage StageOf(CURLcode code) {
  switch (code) {
    case CURLE_OK:
      return Stage::kDone;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
      return Stage::kDns;
    case CURLE_COULDNT_CONNECT:
    case CURLE_GOT_NOTHING:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
      return Stage::kConnect;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_USE_SSL_FAILED:
      return Stage::kTls;
    case CURLE_LOGIN_DENIED:
    case CURLE_REMOTE_ACCESS_DENIED:
      return Stage::kAuth;
    case CURLE_OPERATION_TIMEDOUT:
      return Stage::kTimeout;
    case CURLE_FAILED_INIT:
    case CURLE_OUT_OF_MEMORY:
    case CURLE_UNKNOWN_OPTION:
    case CURLE_NOT_BUILT_IN:
      return Stage::kInternal;
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
      return Stage::kConfig;
    default:
      return Stage::kRefused;
  }
}

}  // namespace twofactor::delivery
