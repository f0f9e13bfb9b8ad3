// SPDX-License-Identifier: Apache-2.0
//
// main.cc - twofactor-deliver CONFIG: one request on stdin, one report on
// stdout.
//
// Trust: whoever runs it can write the request; it has no more rights than
// they.  As root it refuses.

#include <curl/curl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "core/base/audit_log.h"
#include "core/delivery/request.h"
#include "delivery_helper/deliver.h"

namespace twofactor::delivery {
namespace {

Result<DeliveryRequest> ReadRequest() {
  Secret bytes(kMaxRequestSize + 1);
  std::size_t size = 0;
  while (size < bytes.size()) {
    const ssize_t count = read(
        STDIN_FILENO, bytes.ExposeMutable().data() + size, bytes.size() - size);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return FailErrno(ErrorCode::kIo, "stdin", errno);
    if (count == 0) break;
    size += static_cast<std::size_t>(count);
  }
  return DecodeRequest(bytes.Expose().first(size));
}

DeliveryReport Serve(const std::string& config_path) {
  if (getuid() == 0 || geteuid() == 0)
    return {Stage::kInternal, "this program does not run as root", {}};
  const auto request = ReadRequest();
  if (!request) return {Stage::kInternal, request.error().context, {}};
  if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
    return {Stage::kInternal, "libcurl cannot start", {}};
  return Deliver(*request, config_path);
}

// Whether all of it left.
int Answer(const DeliveryReport& report) {
  const std::string text = EncodeReport(report);
  for (std::size_t sent = 0; sent < text.size();) {
    const ssize_t count =
        write(STDOUT_FILENO, text.data() + sent, text.size() - sent);
    if (count < 0 && errno != EINTR) return 1;
    if (count > 0) sent += static_cast<std::size_t>(count);
  }
  return 0;
}

int Main(int argc, char** argv) {
  SetLogIdentity("twofactor-deliver");
  // A limit of zero does not stop cores that are piped to a program: core(5).
  if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) return 1;
  // A login that hangs up takes its systemd unit with it, if it has one, but
  // not what it asked for.  Whoever started this ends it in time.
  signal(SIGTERM, SIG_IGN);
  signal(SIGHUP, SIG_IGN);
  if (argc != 2) {
    constexpr std::string_view kUsage =
        "usage: twofactor-deliver CONFIG <REQUEST; pam_twofactor runs it\n";
    return write(STDERR_FILENO, kUsage.data(), kUsage.size()) > 0 ? 2 : 1;
  }
  try {
    return Answer(Serve(argv[1]));
  } catch (...) {
    return 1;
  }
}

}  // namespace
}  // namespace twofactor::delivery

// Not by return: a thread of the resolver may hang, and nobody waits for it.
int main(int argc, char** argv) {
  _exit(twofactor::delivery::Main(argc, argv));
}
