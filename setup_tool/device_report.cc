// SPDX-License-Identifier: Apache-2.0
//
// device_report.cc - a device in lines and in JSON.

#include "setup_tool/device_report.h"

#include <optional>

#include "core/base/bytes.h"
#include "core/base/encoding.h"
#include "setup_tool/terminal_text.h"
#include "setup_tool/time_text.h"

namespace twofactor::tool {
namespace {

std::string IdText(DeviceId id) {
  std::uint8_t bytes[8];
  ByteWriter(bytes).U64(static_cast<std::uint64_t>(id));
  return HexEncode(bytes);
}

const char* StatusName(DeviceStatus status) {
  switch (status) {
    case DeviceStatus::kDisabled:
      return "disabled";
    case DeviceStatus::kEnabled:
      return "enabled";
  }
  return "disabled";
}

const char* ConfirmationName(Confirmation confirmation) {
  switch (confirmation) {
    case Confirmation::kByCode:
      return "code";
    case Confirmation::kByAdministrator:
      return "administrator";
  }
  return "unknown";
}

std::string LastUsedText(const DeviceState& state) {
  if (state.last_used == UnixTime{}) return "never";
  return TimeText(state.last_used);
}

std::string DriftText(int steps) {
  if (steps == 0) return "none";
  return std::to_string(steps > 0 ? steps : -steps) +
         (steps > 0 ? " ahead" : " behind");
}

std::string ProgressText(const Device& device, const DeviceState& state) {
  if (device.kind == DeviceKind::kTotp)
    return "learned drift: " + DriftText(state.drift);
  if (state.next == kCounterLost)
    return "LOST: its codes are refused until resynced";
  return "next: " + std::to_string(Number(state.next));
}

std::optional<std::uint64_t> CounterOf(const DeviceState& state) {
  if (state.next == kCounterLost) return std::nullopt;
  return Number(state.next);
}

std::string CodesText(const Device& device) {
  std::string text = std::string(TypeName(device.kind)) + ", " +
                     AlgorithmName(device.algorithm) + ", " +
                     std::to_string(device.digits) + " digits";
  if (device.kind == DeviceKind::kTotp)
    text += ", " + std::to_string(device.period.count()) + " s";
  if (device.window)
    text += ", window " + std::to_string(*device.window) + " at most";
  return text;
}

std::string Row(const std::string& name, const std::string& value) {
  return "    " + name + std::string(14 - name.size(), ' ') + value + "\n";
}

// What devices and addresses have in common.
std::string HeadText(const auto& factor, const DeviceState& state) {
  return "  " + EscapeForTerminal(factor.label) + "\n" +
         Row("id", IdText(factor.id)) +
         Row("status", StatusName(factor.status)) +
         Row("confirmed by", ConfirmationName(factor.confirmation)) +
         Row("created", TimeText(factor.created)) +
         Row("last used", LastUsedText(state));
}

JsonWriter& WriteHead(JsonWriter& json, const auto& factor,
                      const DeviceState& state) {
  std::optional<std::string> last_used;
  if (state.last_used != UnixTime{}) last_used = TimeStamp(state.last_used);
  return json.Member("name", factor.label)
      .Member("id", IdText(factor.id))
      .Member("type", TypeName(factor.kind))
      .Member("status", StatusName(factor.status))
      .Member("confirmed_by", ConfirmationName(factor.confirmation))
      .Member("created", TimeStamp(factor.created))
      .Member("last_used", last_used);
}

}  // namespace

const char* TypeName(DeviceKind kind) {
  switch (kind) {
    case DeviceKind::kTotp:
      return "totp";
    case DeviceKind::kHotp:
      return "hotp";
  }
  return "unknown";
}

const char* TypeName(Address::Kind kind) {
  switch (kind) {
    case Address::Kind::kEmail:
      return "email";
    case Address::Kind::kSms:
      return "sms";
  }
  return "unknown";
}

const char* AlgorithmName(HashAlgorithm algorithm) {
  switch (algorithm) {
    case HashAlgorithm::kSha1:
      return "sha1";
    case HashAlgorithm::kSha256:
      return "sha256";
    case HashAlgorithm::kSha512:
      return "sha512";
  }
  return "unknown";
}

std::string DeviceText(const Device& device, const DeviceState* found) {
  const DeviceState state = found == nullptr ? DeviceState{} : *found;
  const auto key_size = device.key.size();
  std::string key = std::to_string(key_size) + " bytes";
  if (key_size < kRecommendedKeySize)
    key +=
        ", SHORT: " + std::to_string(kRecommendedKeySize) + " are recommended";
  return HeadText(device, state) +
         Row(device.kind == DeviceKind::kTotp ? "clock" : "counter",
             ProgressText(device, state)) +
         Row("codes", CodesText(device)) + Row("key", key) +
         (found == nullptr
              ? Row("state", "LOST: its codes are refused until repaired")
              : "");
}

void WriteDevice(JsonWriter& json, const Device& device,
                 const DeviceState* found) {
  const DeviceState state = found == nullptr ? DeviceState{} : *found;
  WriteHead(json.BeginObject(), device, state)
      .Member("algorithm", AlgorithmName(device.algorithm))
      .Member("digits", device.digits);
  if (device.kind == DeviceKind::kTotp)
    json.Member("period", device.period.count())
        .Member("drift_steps", state.drift);
  else
    json.Member("counter", CounterOf(state));
  json.Member("window", device.window)
      .Member("state_is_lost", found == nullptr)
      .Member("key_bytes", device.key.size())
      .Member("key_is_short", device.key.size() < kRecommendedKeySize)
      .EndObject();
}

std::string AddressText(const Address& address, const DeviceState* state) {
  return HeadText(address, state ? *state : DeviceState{}) +
         Row("codes", std::string(TypeName(address.kind)) + " to " +
                          EscapeForTerminal(address.address));
}

void WriteAddress(JsonWriter& json, const Address& address,
                  const DeviceState* state) {
  WriteHead(json.BeginObject(), address, state ? *state : DeviceState{})
      .Member("address", address.address)
      .EndObject();
}

}  // namespace twofactor::tool
