// SPDX-License-Identifier: Apache-2.0
//
// qr_image.cc - SVG by hand, PNG by libpng's simplified interface, which needs
// no longjmp.

#include "setup_tool/qr_image.h"

#include <png.h>

#include <string>
#include <utility>

namespace twofactor::tool {
namespace {

constexpr int kPixels = 8;  // To a side of a module.

bool IsBlack(const QrCode& code, int column, int row, Polarity polarity) {
  return (code.At(column, row) == Module::kDark) ==
         (polarity == Polarity::kNormal);
}

Secret PixelsOf(const QrCode& code, Polarity polarity) {
  const int side = code.size() * kPixels;
  Secret pixels(static_cast<std::size_t>(side * side));
  auto next = pixels.ExposeMutable().begin();
  for (int y = 0; y < side; ++y)
    for (int x = 0; x < side; ++x)
      *next++ = IsBlack(code, x / kPixels, y / kPixels, polarity) ? 0 : 255;
  return pixels;
}

}  // namespace

SecretText SvgOf(const QrCode& code, Polarity polarity) {
  const std::string side = std::to_string(code.size());
  SecretText svg;
  svg.Append(
         "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
         "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 ")
      .Append(side + " " + side)
      .Append(
          "\" width=\"80mm\" height=\"80mm\" "
          "shape-rendering=\"crispEdges\">\n"
          "<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n"
          "<path fill=\"#000\" d=\"");
  for (int row = 0; row < code.size(); ++row)
    for (int column = 0; column < code.size(); ++column)
      if (IsBlack(code, column, row, polarity))
        svg.Append("M" + std::to_string(column) + " " + std::to_string(row) +
                   "h1v1h-1z");
  svg.Append("\"/>\n</svg>\n");
  return svg;
}

Result<Secret> PngOf(const QrCode& code, Polarity polarity) {
  const Secret pixels = PixelsOf(code, polarity);
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = static_cast<png_uint_32>(code.size() * kPixels);
  image.height = image.width;
  image.format = PNG_FORMAT_GRAY;
  png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(image);
  Secret file(size);
  if (png_image_write_to_memory(&image, file.ExposeMutable().data(), &size, 0,
                                pixels.Expose().data(), 0, nullptr) == 0)
    return Fail(ErrorCode::kInternal, "libpng could not write the image");
  file.Shrink(size);
  return file;
}

}  // namespace twofactor::tool
