// SPDX-License-Identifier: Apache-2.0
//
// document.cc - as much of mdoc(7) as our manuals use.

#include "tests/docs/document.h"

#include <cctype>
#include <fstream>
#include <iterator>

#include "tests/unit/expect.h"

namespace twofactor {
namespace {

// "Cm", "Ns", ...: a macro that may stand inside a line of macros.
bool IsMacro(std::string_view word) {
  return word.size() == 2 &&
         std::isupper(static_cast<unsigned char>(word[0])) &&
         std::islower(static_cast<unsigned char>(word[1]));
}

std::string WithoutEscapes(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      plain += text[i];
    } else if (text.substr(i + 1).starts_with("(dq")) {
      plain += '"';
      i += 3;
    } else if (text.substr(i + 1).starts_with("e")) {
      plain += '\\';
      ++i;
    } else if (text.substr(i + 1).starts_with(" ")) {
      plain += ' ';
      ++i;
    } else {
      ++i;  // "\&", and what else has no width.
    }
  }
  return plain;
}

// What is left of a line of macros, quotes around arguments taken off.
std::string ArgumentsOf(std::string_view line) {
  std::string text;
  for (const std::string& word : LinesOf([&] {
         std::string words(line.substr(1));
         for (char& c : words)
           if (c == ' ') c = '\n';
         return words;
       }())) {
    if (word.empty() || IsMacro(word)) continue;
    text += word + " ";
  }
  std::erase(text, '"');
  return text;
}

}  // namespace

std::string ReadDocument(const std::string& path) {
  std::ifstream file(std::string(TWOFACTOR_SOURCE) + "/" + path);
  Expect(file.good(), path + " does not exist");
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> LinesOf(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::string OneSpaced(std::string_view text) {
  std::string spaced;
  for (char c : text) {
    const bool blank = c == ' ' || c == '\n' || c == '\t';
    if (!blank) spaced += c;
    if (blank && !spaced.empty() && spaced.back() != ' ') spaced += ' ';
  }
  while (spaced.ends_with(' ')) spaced.pop_back();
  return spaced;
}

std::string PlainText(std::string_view mdoc) {
  std::string text;
  for (const std::string& line : LinesOf(mdoc)) {
    if (line.starts_with(".\\\"") || line == ".br") continue;
    text += WithoutEscapes(line.starts_with('.') ? ArgumentsOf(line) : line);
    text += '\n';
  }
  return OneSpaced(text);
}

std::string Section(std::string_view mdoc, std::string_view name) {
  std::string text;
  bool inside = false;
  for (const std::string& line : LinesOf(mdoc)) {
    if (line.starts_with(".Sh ")) inside = line.substr(4) == name;
    if (inside) text += line + "\n";
  }
  return text;
}

std::vector<Item> CommandItems(std::string_view mdoc) {
  constexpr std::string_view kItem = ".It Cm ";
  std::vector<Item> items;
  for (const std::string& line : LinesOf(mdoc)) {
    if (line.starts_with(kItem))
      items.push_back({OneSpaced(ArgumentsOf(line)), ""});
    else if (!items.empty())
      items.back().body += line + "\n";
  }
  return items;
}

bool Contains(std::string_view text, std::string_view words) {
  return text.find(words) != std::string_view::npos;
}

}  // namespace twofactor
