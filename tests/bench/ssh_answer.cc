// SPDX-License-Identifier: Apache-2.0
//
// ssh_answer.cc - answers the questions of ssh(1) for the bench: a code when
// one is asked for, else the password.
//
//   SSH_ASKPASS=ssh_answer SSH_ASKPASS_REQUIRE=force BENCH_KEY=BASE32
//   BENCH_PASSWORD=... ssh ...

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string_view>

#include "totp_code.h"

int main(int argc, char** argv) {
  const char* key = std::getenv("BENCH_KEY");
  const char* password = std::getenv("BENCH_PASSWORD");
  if (argc != 2 || key == nullptr || password == nullptr) return 2;
  const bool wants_code =
      std::string_view(argv[1]).find("code") != std::string_view::npos;
  std::puts(wants_code
                ? bench::TotpCode(bench::Base32Decode(key), std::time(nullptr))
                      .c_str()
                : password);
  return 0;
}
