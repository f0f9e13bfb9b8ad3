// SPDX-License-Identifier: Apache-2.0
//
// document.h - a manual, configuration or page of this repository as text that
// can be searched.

#ifndef TWOFACTOR_TESTS_DOCS_DOCUMENT_H_
#define TWOFACTOR_TESTS_DOCS_DOCUMENT_H_

#include <string>
#include <string_view>
#include <vector>

namespace twofactor {

// The text of a file of the source tree; the test fails when there is none.
std::string ReadDocument(const std::string& path);

std::vector<std::string> LinesOf(std::string_view text);

// Every run of blanks and line ends as one space.
std::string OneSpaced(std::string_view text);

// mdoc(7) source as the words that a reader sees: macros, their names and
// escapes are taken out.
std::string PlainText(std::string_view mdoc);

// From the line `.Sh NAME` to the next section; empty when there is none.
std::string Section(std::string_view mdoc, std::string_view name);

// An item of a list, `.It Cm HEAD`, and the text up to the next item.
struct Item {
  std::string head;
  std::string body;
};
std::vector<Item> CommandItems(std::string_view mdoc);

bool Contains(std::string_view text, std::string_view words);

}  // namespace twofactor

#endif  // TWOFACTOR_TESTS_DOCS_DOCUMENT_H_
