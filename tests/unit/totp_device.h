// SPDX-License-Identifier: Apache-2.0
//
// totp_device.h - what an authenticator app does: codes of a key.

#ifndef TWOFACTOR_TESTS_UNIT_TOTP_DEVICE_H_
#define TWOFACTOR_TESTS_UNIT_TOTP_DEVICE_H_

#include <string>
#include <string_view>

#include "core/factor/hotp.h"
#include "core/factor/totp.h"
#include "tests/unit/expect.h"

namespace twofactor {

// The key of RFC 4226 Appendix D and RFC 6238 Appendix B.
inline constexpr std::string_view kRfcKey = "12345678901234567890";

inline std::string CodeAtStep(const TotpParameters& parameters, Bytes key,
                              std::uint64_t step) {
  std::string code = std::to_string(ExpectOk(
      HotpValue(parameters.algorithm, key, Counter{step}, parameters.digits)));
  return std::string(static_cast<std::size_t>(parameters.digits) - code.size(),
                     '0') +
         code;
}

// The code that a device shows whose clock is `steps_ahead`.
inline std::string CodeAt(const TotpParameters& parameters, Bytes key,
                          UnixTime time, std::int64_t steps_ahead = 0) {
  return CodeAtStep(parameters, key,
                    Number(TotpStep(parameters, time)) +
                        static_cast<std::uint64_t>(steps_ahead));
}

}  // namespace twofactor

#endif  // TWOFACTOR_TESTS_UNIT_TOTP_DEVICE_H_
