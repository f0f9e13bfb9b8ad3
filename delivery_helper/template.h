// SPDX-License-Identifier: Apache-2.0
//
// template.h - texts with {placeholders}, and what is put in their place,
// escaped for where it goes.
//
// A placeholder is "{", small letters and "_", "}".  One that is not known is
// refused; any other brace stands for itself.
//
// Trust: templates are the administrator's, and checked all the same; values
// come from users and from the network.

#ifndef TWOFACTOR_DELIVERY_HELPER_TEMPLATE_H_
#define TWOFACTOR_DELIVERY_HELPER_TEMPLATE_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/base/secret.h"

namespace twofactor::delivery {

// Where a text goes.
enum class Sink : std::uint8_t {
  kText = 0,  // Lines of text: control characters become "?".
  kUrl,       // Percent-encoded, as in a URL or a form.
  kJson,      // Inside of a JSON string.
  kHeader,    // A line of a header: control characters become "?".
};

// Whether the line ends of a value stand; in texts alone they can.
enum class Shape : std::uint8_t { kOneLine = 0, kLines };

struct Value {
  std::string_view name;
  std::string_view text;
  Shape shape = Shape::kOneLine;
};

// `text` escaped for `sink`.
Secret Escaped(std::string_view text, Sink sink);

// kConfig, naming the placeholder, when it is not one of `known`.
Result<void> CheckTemplate(std::string_view text,
                           std::span<const std::string_view> known);

// The template with every placeholder replaced.  kConfig for one that `values`
// does not have.
Result<Secret> Fill(std::string_view text, std::span<const Value> values,
                    Sink sink);

}  // namespace twofactor::delivery

#endif  // TWOFACTOR_DELIVERY_HELPER_TEMPLATE_H_
