// SPDX-License-Identifier: Apache-2.0
//
// address.cc - atoms and labels between dots.

#include "core/delivery/address.h"

#include <algorithm>
#include <string>

namespace twofactor {
namespace {

constexpr std::size_t kMaxLocalPart = 64;  // RFC 5321 §4.5.3.1.1
constexpr std::size_t kMaxLabel = 63;      // RFC 1035 §2.3.4
constexpr std::size_t kMaxAddress = 254;   // RFC 5321, erratum 1690

bool IsAlphanumeric(char c) {
  return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

// atext of RFC 5322 §3.2.3
bool IsAtom(std::string_view text) {
  constexpr std::string_view kSpecials = "!#$%&'*+-/=?^_`{|}~";
  return !text.empty() && std::ranges::all_of(text, [&](char c) {
    return IsAlphanumeric(c) || kSpecials.find(c) != std::string_view::npos;
  });
}

bool IsLabel(std::string_view text) {
  return !text.empty() && text.size() <= kMaxLabel && !text.starts_with('-') &&
         !text.ends_with('-') && std::ranges::all_of(text, [](char c) {
           return IsAlphanumeric(c) || c == '-';
         });
}

// Whether all that stands between the dots is as `fits` says.
template <typename Fits>
bool AllBetweenDots(std::string_view text, const Fits& fits) {
  while (true) {
    const auto dot = text.find('.');
    if (!fits(text.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

// At most kMaxMaskedSize bytes: of a longer text both ends, as that of a domain
// says whose it is.
std::string CutInTheMiddle(std::string_view text) {
  constexpr std::string_view kGap = "...";
  constexpr std::size_t kHead = (kMaxMaskedSize - kGap.size()) / 2;
  constexpr std::size_t kTail = kMaxMaskedSize - kGap.size() - kHead;
  if (text.size() <= kMaxMaskedSize) return std::string(text);
  return std::string(text.substr(0, kHead))
      .append(kGap)
      .append(text.substr(text.size() - kTail));
}

}  // namespace

bool IsEmailAddress(std::string_view text) {
  const auto at = text.find('@');
  if (at == std::string_view::npos || text.size() > kMaxAddress ||
      at > kMaxLocalPart)
    return false;
  return AllBetweenDots(text.substr(0, at), IsAtom) &&
         AllBetweenDots(text.substr(at + 1), IsLabel);
}

bool IsPhoneNumber(std::string_view text) {
  constexpr std::size_t kMinDigits = 7;
  constexpr std::size_t kMaxDigits = 15;
  if (!text.starts_with('+')) return false;
  text.remove_prefix(1);
  return text.size() >= kMinDigits && text.size() <= kMaxDigits &&
         text[0] != '0' &&
         std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

std::string MaskedAddress(std::string_view address) {
  const auto at = address.find('@');
  const bool is_number = at == std::string_view::npos;
  const std::string_view name = address.substr(0, at);
  // Of a short one, nearly all would show.
  const std::size_t head = is_number ? 3 : 1;
  const std::size_t tail = name.size() < 4 ? 0 : is_number ? 2 : 1;
  std::string masked(name.substr(0, std::min(head, name.size())));
  masked.append("***").append(name.substr(name.size() - tail));
  if (!is_number) masked.append(address.substr(at));
  return CutInTheMiddle(masked);
}

}  // namespace twofactor
