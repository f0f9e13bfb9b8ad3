// SPDX-License-Identifier: Apache-2.0
//
// foreign_file.h - what a file of another second-factor module holds, and what
// was made of each line.
//
// Nothing here repeats a key, a code or a PIN.

#ifndef TWOFACTOR_SETUP_TOOL_FOREIGN_FILE_H_
#define TWOFACTOR_SETUP_TOOL_FOREIGN_FILE_H_

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/counter.h"
#include "core/base/secret.h"
#include "core/store/enrollment.h"

namespace twofactor::tool {

// What became of something that a file said.
struct Finding {
  enum class Kind : std::uint8_t {
    kNotTaken = 0,
    kWarning = 1,  // Taken, and the administrator should know.
    kTaken = 2,
  };
  std::size_t line = 0;  // From 1; 0: not about one.
  Kind kind = Kind::kNotTaken;
  std::string text;
};

// Why nothing of a line, or of the file, can be used.
struct LineError {
  std::size_t line = 0;
  std::string reason;
};

struct ForeignDevice {
  DeviceKind kind = DeviceKind::kTotp;
  int digits = 6;
  std::chrono::seconds period{30};  // kTotp, else zero.
  Secret key;
  // Codes to either side that the other module took; empty: it does not say.
  std::optional<int> window;
  int drift = 0;
  // The lowest counter or step that cannot have been used: for a key that is
  // new here, and for one that is here already.
  Counter next_if_new{};
  Counter next_if_here{};
};

struct ForeignRecord {
  std::vector<ForeignDevice> devices;
  // Eight digits each, those that were not used yet; empty: the module has no
  // such codes.
  std::optional<std::vector<Secret>> scratch_codes;
  std::size_t scratch_line = 0;   // Of the first one.
  std::vector<Finding> findings;  // In the order of the file.
};

}  // namespace twofactor::tool

#endif  // TWOFACTOR_SETUP_TOOL_FOREIGN_FILE_H_
