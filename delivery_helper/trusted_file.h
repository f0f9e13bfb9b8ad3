// SPDX-License-Identifier: Apache-2.0
//
// trusted_file.h - the files that the helper reads: configuration, templates,
// credentials, certificates.
//
// Trust: a file that somebody else could have written, or a credential that
// somebody else could read, is refused.

#ifndef TWOFACTOR_DELIVERY_HELPER_TRUSTED_FILE_H_
#define TWOFACTOR_DELIVERY_HELPER_TRUSTED_FILE_H_

#include <cstdint>
#include <string>

#include "core/base/result.h"
#include "core/base/secret.h"

namespace twofactor::delivery {

enum class Kind : std::uint8_t {
  // Root's or ours; nothing for others, reading for root's group or ours.
  kCredential = 0,
  kPublic = 1,  // Root's; others may read it.
};

constexpr std::size_t kMaxFileSize = 64 * 1024;

// All of a regular file that is no link.  kConfig, with the path and why.
Result<Secret> ReadTrustedFile(const std::string& path, Kind kind);

// That a file of certificates, which libcurl reads, is Kind::kPublic; it may be
// a link and of any size.  Empty: the system's.  kConfig.
Result<void> CheckCertificates(const std::string& path);

// The first line of a credential file, which must be its only one.
Result<Secret> ReadCredential(const std::string& path);

}  // namespace twofactor::delivery

#endif  // TWOFACTOR_DELIVERY_HELPER_TRUSTED_FILE_H_
