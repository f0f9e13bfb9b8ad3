// SPDX-License-Identifier: Apache-2.0
//
// qr_image.h - a QR code as the content of an image file.

#ifndef TWOFACTOR_SETUP_TOOL_QR_IMAGE_H_
#define TWOFACTOR_SETUP_TOOL_QR_IMAGE_H_

#include "core/base/secret_text.h"
#include "setup_tool/qr_code.h"
#include "setup_tool/qr_text.h"

namespace twofactor::tool {

// One unit of the drawing to a module; any size on paper.
SecretText SvgOf(const QrCode& code, Polarity polarity);

// Eight pixels to a module, in grey.  kInternal when libpng fails.
Result<Secret> PngOf(const QrCode& code, Polarity polarity);

}  // namespace twofactor::tool

#endif  // TWOFACTOR_SETUP_TOOL_QR_IMAGE_H_
