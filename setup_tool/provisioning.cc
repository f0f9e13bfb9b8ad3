// SPDX-License-Identifier: Apache-2.0
//
// provisioning.cc - a new device in JSON, and its end when nobody got it.

#include "setup_tool/provisioning.h"

#include "core/base/encoding.h"
#include "core/session/code_set.h"
#include "setup_tool/device_report.h"
#include "setup_tool/record_change.h"

namespace twofactor::tool {

void WriteProvisioning(JsonWriter& json, const UserName& user,
                       const EnrollSession& session, std::string_view issuer) {
  const Device& device = session.device();
  json.Member("user", user.text())
      .Member("name", device.label)
      .Member("result", "enrolled")
      .Member("type", TypeName(device.kind))
      .Member("issuer", issuer)
      .Member("algorithm", AlgorithmName(device.algorithm))
      .Member("digits", device.digits);
  if (device.kind == DeviceKind::kTotp)
    json.Member("period", device.period.count());
  else
    json.Member("counter", Number(device.first));
  json.Member("key", Base32Encode(device.key.Expose()))
      .Member("uri", session.Uri(issuer));
}

Try<void> TakeBack(Store& store, const UserName& user, DeviceId device) {
  auto edit = [&](Record& record, const Moment&) -> Try<void> {
    std::erase_if(record.enrollment->devices,
                  [&](const Device& each) { return each.id == device; });
    if (record.enrollment->factors() == 0) record.enrollment.reset();
    return {};
  };
  return ChangeRecordOf(store, user, edit);
}

Try<void> TakeBack(Store& store, const UserName& user, CodeSetId set) {
  auto edit = [&](Record& record, const Moment&) -> Try<void> {
    DropCodeSet(set, record);
    return {};
  };
  return ChangeRecordOf(store, user, edit);
}

}  // namespace twofactor::tool
