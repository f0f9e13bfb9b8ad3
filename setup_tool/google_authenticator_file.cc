// SPDX-License-Identifier: Apache-2.0
//
// google_authenticator_file.cc - line by line.

#include "setup_tool/google_authenticator_file.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "core/factor/backup_code.h"

namespace twofactor::tool {
namespace {

constexpr std::string_view kOptionMark = "\" ";
constexpr std::string_view kBlanks = " \t";
// The module's own tool makes ten; what a user adds must not cost us time.
constexpr std::size_t kMaxScratchCodes = 64;
constexpr std::size_t kMaxFindings = 20;
constexpr std::uint64_t kLastTime = 1ULL << 40;

using File = GoogleAuthenticatorFile;

// The text up to the next blank, which is taken off too.
std::string_view TakeWord(std::string_view& rest) {
  rest.remove_prefix(std::min(rest.find_first_not_of(kBlanks), rest.size()));
  const std::string_view word = rest.substr(0, rest.find_first_of(kBlanks));
  rest.remove_prefix(word.size());
  return word;
}

template <typename T>
std::optional<T> Number(std::string_view text) {
  T value{};
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size())
    return std::nullopt;
  return value;
}

template <typename T>
std::optional<T> OnlyNumber(std::string_view text, T least, T most) {
  const auto value = Number<T>(TakeWord(text));
  if (!TakeWord(text).empty() || !value || *value < least || *value > most)
    return std::nullopt;
  return value;
}

// Five bits, -1 for a character that counts for nothing, -2 for a wrong one.
int Base32Bits(char c) {
  if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  switch (c) {
    case ' ':
    case '\t':
    case '\r':
    case '-':
      return -1;
    case '0':
      return 'O' - 'A';
    case '1':
      return 'L' - 'A';
    case '8':
      return 'B' - 'A';
    default:
      if (c >= 'A' && c <= 'Z') return c - 'A';
      if (c >= '2' && c <= '7') return c - '2' + 26;
      return -2;
  }
}

std::optional<Secret> DecodeKey(std::string_view line) {
  Secret key(line.size() * 5 / 8 + 1);
  std::size_t size = 0;
  unsigned buffer = 0;
  int bits = 0;
  for (char c : line) {
    const int five = Base32Bits(c);
    if (five == -2) return std::nullopt;
    if (five == -1) continue;
    buffer = (buffer << 5 | static_cast<unsigned>(five)) & 0xFFF;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    key.ExposeMutable()[size++] = static_cast<std::uint8_t>(buffer >> bits);
  }
  if (size == 0) return std::nullopt;
  key.Shrink(size);
  return key;
}

bool IsScratchCode(std::string_view line) {
  return line.size() == kScratchCodeSize && line.front() != '0' &&
         std::ranges::all_of(line, [](char c) { return c >= '0' && c <= '9'; });
}

class Parser {
 public:
  std::expected<File, LineError> Parse(std::string_view text) {
    for (line_ = 1; !text.empty(); ++line_) {
      std::string_view line = text.substr(0, text.find('\n'));
      text.remove_prefix(std::min(line.size() + 1, text.size()));
      if (line.ends_with('\r')) line.remove_suffix(1);
      Read(line);
      if (error_) return std::unexpected(*std::move(error_));
    }
    if (file_.key.empty()) return std::unexpected(LineError{1, "no key"});
    return Judged();
  }

 private:
  void Read(std::string_view line) {
    if (line.find('\0') != std::string_view::npos) return Refuse("a NUL byte");
    if (line_ == 1) return ReadKey(line);
    if (line.empty()) return;
    if (line.starts_with(kOptionMark))
      return ReadOption(line.substr(kOptionMark.size()));
    if (line.front() == '"') return Leave("not in the form of an option");
    ReadScratchCode(line);
  }

  void ReadKey(std::string_view line) {
    auto key = DecodeKey(line);
    if (!key) return Refuse("the key is not base32");
    file_.key = std::move(*key);
  }

  void ReadScratchCode(std::string_view line) {
    if (end_of_codes_) return;
    if (!IsScratchCode(line)) {
      end_of_codes_ = true;
      return Leave(
          "neither an option nor a scratch code; scratch codes behind it "
          "never worked");
    }
    if (file_.scratch_codes.size() == kMaxScratchCodes) {
      end_of_codes_ = true;
      return Leave("more than 64 scratch codes");
    }
    if (file_.scratch_codes.empty()) file_.scratch_line = line_;
    file_.scratch_codes.push_back(Secret::CopyOf(AsBytes(line)));
  }

  void ReadOption(std::string_view rest) {
    const std::string_view name = TakeWord(rest);
    if (name == "TOTP_AUTH") {
      time_based_ = true;
    } else if (name == "HOTP_COUNTER") {
      ReadNumber<std::uint64_t>("HOTP_COUNTER", rest, 0, INT64_MAX,
                                file_.counter);
    } else if (name == "STEP_SIZE") {
      ReadNumber("STEP_SIZE", rest, 1, 60, file_.step_size);
    } else if (name == "WINDOW_SIZE") {
      ReadNumber("WINDOW_SIZE", rest, 1, 100, file_.window_size);
    } else if (name == "TIME_SKEW") {
      ReadNumber<std::int64_t>("TIME_SKEW", rest, -1'000'000, 1'000'000,
                               file_.time_skew);
    } else if (name == "DISALLOW_REUSE") {
      ReadUsedSteps(rest);
    } else if (name == "RATE_LIMIT") {
      ReadRateLimit(rest);
    } else if (name == "RESETTING_TIME_SKEW") {
      if (!TakeWord(rest).empty())
        Leave("RESETTING_TIME_SKEW: attempts to set the clock's offset");
    } else if (name.starts_with("LAST")) {
      Leave("LAST: there is no grace period for addresses");
    } else {
      Leave("an option that is not known");
    }
  }

  template <typename T>
  void ReadNumber(const char* name, std::string_view rest, T least, T most,
                  std::optional<OnLine<T>>& target) {
    if (target) return Refuse(std::string(name) + " stands twice");
    const auto value = OnlyNumber<T>(rest, least, most);
    if (!value) return Refuse(std::string(name) + " has no good value");
    target = {line_, *value};
  }

  void ReadUsedSteps(std::string_view rest) {
    if (file_.disallow_reuse) return Refuse("DISALLOW_REUSE stands twice");
    file_.disallow_reuse = {line_, 0};
    for (auto word = TakeWord(rest); !word.empty(); word = TakeWord(rest)) {
      const auto step = Number<std::uint64_t>(word);
      if (!step || *step > kLastTime)
        return Refuse("DISALLOW_REUSE holds something else than steps");
      auto& highest = file_.disallow_reuse->value;
      highest = std::max(highest, *step);
    }
  }

  void ReadRateLimit(std::string_view rest) {
    if (file_.rate_limit) return Leave("RATE_LIMIT stands twice");
    AttemptLimit limit;
    const auto attempts = Number<std::uint64_t>(TakeWord(rest));
    const auto seconds = Number<std::uint64_t>(TakeWord(rest));
    if (!attempts || !seconds) return Leave("RATE_LIMIT has no good values");
    limit.attempts = *attempts;
    limit.seconds = *seconds;
    for (auto word = TakeWord(rest); !word.empty(); word = TakeWord(rest)) {
      const auto time = Number<std::uint64_t>(word);
      if (!time || *time > kLastTime)
        return Leave("RATE_LIMIT has no good times");
      const UnixTime when{
          std::chrono::seconds(static_cast<std::int64_t>(*time))};
      limit.last_attempt = std::max(limit.last_attempt.value_or(when), when);
    }
    file_.rate_limit = {line_, limit};
  }

  // A counter that is not zero goes before TOTP_AUTH.
  std::expected<File, LineError> Judged() {
    if (file_.counter && file_.counter->value > 0) {
      file_.kind = DeviceKind::kHotp;
    } else if (!time_based_) {
      return std::unexpected(
          LineError{1, "neither TOTP_AUTH nor a HOTP_COUNTER: no code works"});
    }
    return std::move(file_);
  }

  void Refuse(std::string reason) { error_ = {line_, std::move(reason)}; }
  void Leave(std::string what) {
    if (file_.findings.size() > kMaxFindings) return;
    if (file_.findings.size() == kMaxFindings) what = "and more lines";
    file_.findings.push_back(
        {line_, Finding::Kind::kNotTaken, std::move(what)});
  }

  File file_;
  std::size_t line_ = 0;
  bool time_based_ = false;
  bool end_of_codes_ = false;
  std::optional<LineError> error_;
};

}  // namespace

std::expected<GoogleAuthenticatorFile, LineError> ParseGoogleAuthenticatorFile(
    std::string_view text) {
  return Parser().Parse(text);
}

}  // namespace twofactor::tool
