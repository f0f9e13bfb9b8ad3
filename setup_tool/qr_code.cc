// SPDX-License-Identifier: Apache-2.0
//
// qr_code.cc - libqrencode, and wiping what it returns.  What it allocates on
// its way there it frees unwiped; the process ends soon after.

#include "setup_tool/qr_code.h"

#include <qrencode.h>
#include <string.h>

#include <utility>

namespace twofactor::tool {
namespace {

constexpr int kSmallestVersion = 0;  // That it fits in.

}  // namespace

Result<QrCode> QrCode::Encode(Bytes text) {
  QRcode* code = QRcode_encodeData(static_cast<int>(text.size()), text.data(),
                                   kSmallestVersion, QR_ECLEVEL_L);
  if (code == nullptr)
    return Fail(ErrorCode::kCapacity, "the URI does not fit into a QR code");
  const auto width = static_cast<std::size_t>(code->width);
  Secret modules = Secret::CopyOf({code->data, width * width});
  explicit_bzero(code->data, width * width);
  const int size = code->width;
  QRcode_free(code);
  return QrCode(size, std::move(modules));
}

Module QrCode::At(int column, int row) const {
  const int x = column - kQuietZone;
  const int y = row - kQuietZone;
  if (x < 0 || y < 0 || x >= size_ || y >= size_) return Module::kLight;
  const auto index = static_cast<std::size_t>(y * size_ + x);
  return (modules_.Expose()[index] & 1) != 0 ? Module::kDark : Module::kLight;
}

}  // namespace twofactor::tool
