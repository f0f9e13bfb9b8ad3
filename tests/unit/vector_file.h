// SPDX-License-Identifier: Apache-2.0
//
// vector_file.h - published test vectors, read from tests/vectors/.
//
// A file is blocks of `key = value` lines with empty lines between them; '#'
// starts a comment line.

#ifndef TWOFACTOR_TESTS_UNIT_VECTOR_FILE_H_
#define TWOFACTOR_TESTS_UNIT_VECTOR_FILE_H_

#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "tests/unit/expect.h"

namespace twofactor {

class Vector {
 public:
  void Set(const std::string& key, const std::string& value) {
    fields_[key] = value;
  }
  bool empty() const { return fields_.empty(); }

  const std::string& Text(const std::string& key) const {
    auto field = fields_.find(key);
    if (field == fields_.end())
      throw Failure{"a vector without " + key, Where::current()};
    return field->second;
  }
  std::uint64_t Integer(const std::string& key) const {
    return std::stoull(Text(key));
  }
  std::vector<std::uint8_t> Hex(const std::string& key) const {
    std::vector<std::uint8_t> bytes(Text(key).size() / 2);
    Expect(HexDecode(Text(key), bytes), key);
    return bytes;
  }

 private:
  std::map<std::string, std::string> fields_;
};

// Every block of tests/vectors/`name`; `count` says how many there have to be.
inline std::vector<Vector> ReadVectors(const std::string& name,
                                       std::size_t count) {
  std::ifstream file(std::string(TWOFACTOR_VECTORS) + "/" + name);
  Expect(file.is_open(), name);
  std::vector<Vector> vectors;
  Vector current;
  auto finish = [&] {
    if (!current.empty()) vectors.push_back(current);
    current = Vector();
  };
  for (std::string line; std::getline(file, line);) {
    if (line.empty()) finish();
    if (line.empty() || line[0] == '#') continue;
    const std::size_t equals = line.find(" =");
    Expect(equals != std::string::npos, line);
    const std::size_t value = equals + 3;
    current.Set(line.substr(0, equals),
                value < line.size() ? line.substr(value) : "");
  }
  finish();
  ExpectEqual(vectors.size(), count, name);
  return vectors;
}

}  // namespace twofactor

#endif  // TWOFACTOR_TESTS_UNIT_VECTOR_FILE_H_
