// SPDX-License-Identifier: Apache-2.0
//
// qr_code.h - the modules of a QR code (ISO/IEC 18004).  Who sees them has the
// key, so they are a secret as well.

#ifndef TWOFACTOR_SETUP_TOOL_QR_CODE_H_
#define TWOFACTOR_SETUP_TOOL_QR_CODE_H_

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/base/secret.h"

namespace twofactor::tool {

enum class Module : std::uint8_t { kLight = 0, kDark = 1 };

class QrCode {
 public:
  // kCapacity when no QR code holds so much.
  static Result<QrCode> Encode(Bytes text);

  // Modules to a side, the quiet zone included.
  int size() const { return size_ + 2 * kQuietZone; }

  // Places outside are light.
  Module At(int column, int row) const;

  // ISO/IEC 18004 §5.3.8.
  static constexpr int kQuietZone = 4;

 private:
  QrCode(int size, Secret modules)
      : size_(size), modules_(std::move(modules)) {}

  int size_;
  Secret modules_;  // One byte each, in rows; the lowest bit is 1 for dark.
};

}  // namespace twofactor::tool

#endif  // TWOFACTOR_SETUP_TOOL_QR_CODE_H_
