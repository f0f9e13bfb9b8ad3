// SPDX-License-Identifier: Apache-2.0
//
// plain_login.cc - arguments, gates and results of plain_host.

#include "tests/pam/plain_login.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <sstream>

#include "core/base/unique_fd.h"
#include "tests/pam/cmocka_case.h"

namespace twofactor::test {
namespace {

struct Pipe {
  UniqueFd reading;
  UniqueFd writing;
};

Pipe MakePipe() {
  int ends[2];
  if (pipe(ends) != 0) std::abort();
  return {UniqueFd(ends[0]), UniqueFd(ends[1])};
}

template <typename T>
std::vector<T> Column(const Exit& exit, int column) {
  std::vector<T> numbers;
  std::istringstream lines(exit.output);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    T number{};
    for (int i = 0; i <= column; ++i) words >> number;
    numbers.push_back(number);
  }
  return numbers;
}

}  // namespace

Process StartPlainHost(const TestHost& host,
                       const std::vector<PlainLogin>& logins,
                       const std::vector<std::string>& options,
                       const std::vector<int>& kept_descriptors) {
  std::vector<std::string> arguments = {PlainHostPath()};
  arguments.insert(arguments.end(), options.begin(), options.end());
  arguments.insert(arguments.end(), {host.stack_folder(), kService});
  Process::Options how;
  for (const PlainLogin& login : logins)
    how.input += login.user + " " + login.answer + "\n";
  how.kept = kept_descriptors;
  return Process(std::move(arguments), how);
}

std::vector<int> PamCodes(const Exit& exit) { return Column<int>(exit, 0); }
std::vector<long> SecondNumbers(const Exit& exit) {
  return Column<long>(exit, 1);
}

PlainResult LogInPlainly(const TestHost& host, const std::string& user,
                         const std::string& answer,
                         const std::vector<std::string>& options) {
  PlainResult result;
  result.exit = StartPlainHost(host, {{user, answer}}, options).Wait();
  const std::vector<int> codes = PamCodes(result.exit);
  if (!codes.empty()) {
    result.pam_code = codes[0];
    result.second = SecondNumbers(result.exit)[0];
  }
  return result;
}

void Crowd::Add(const std::string& user, const std::string& answer,
                const std::vector<std::string>& options) {
  members_.push_back({{user, answer}, options});
}

std::vector<int> Crowd::LogInAtOnce() {
  Pipe ready = MakePipe();
  Pipe gate = MakePipe();
  const std::string gates = std::to_string(ready.writing.get()) + "," +
                            std::to_string(gate.reading.get());
  std::vector<Process> processes;
  for (const Member& member : members_) {
    std::vector<std::string> options = {"-g", gates};
    options.insert(options.end(), member.options.begin(), member.options.end());
    processes.push_back(
        StartPlainHost(host_, {member.login}, options,
                       {ready.writing.get(), gate.reading.get()}));
  }
  ready.writing = UniqueFd();
  for (std::size_t waiting = 0; waiting < processes.size();) {
    char bytes[64];
    const ssize_t got = read(ready.reading.get(), bytes, sizeof(bytes));
    if (got <= 0) break;  // The rest ended without a prompt.
    waiting += static_cast<std::size_t>(got);
  }
  gate.writing = UniqueFd();

  std::vector<int> results;
  for (Process& process : processes) {
    const Exit exit = process.Wait();
    const std::vector<int> codes = PamCodes(exit);
    EXPECT(codes.size() == 1, "a login did not finish: %s",
           Describe(exit).c_str());
    results.push_back(codes[0]);
  }
  members_.clear();
  return results;
}

}  // namespace twofactor::test
