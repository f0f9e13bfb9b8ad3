// SPDX-License-Identifier: Apache-2.0
//
// pending_code.cc - set, spent, spoilt.

#include "core/session/pending_code.h"

#include "core/factor/backup_code.h"

namespace twofactor {
namespace {

bool IsLive(const ChannelState& channel, const Asker& asker, UnixTime now) {
  const SentCode& code = channel.code;
  return code.sent != UnixTime{} && code.failures < kPendingCodeTries &&
         now >= code.sent && now < code.sent + kPendingCodeLife &&
         channel.source == asker.source &&
         channel.service == ServiceName(ServiceClass(asker.service));
}

}  // namespace

std::string_view ServiceClass(std::string_view service) {
  return service.substr(0, service.find('-'));
}

bool IsPending(const ChannelState& channel, const Address& address,
               const Asker& asker, UnixTime now) {
  return channel.address == address.id && IsLive(channel, asker, now);
}

Result<void> SetPending(const Address& address, const Asker& asker,
                        const Secret& code, UnixTime now,
                        ChannelState& channel) {
  ASSIGN_OR_RETURN(channel.code.hash,
                   HashCode(address.key.Expose(), code.Expose()));
  channel.code.sent = now;
  channel.code.failures = 0;
  channel.address = address.id;
  channel.source = asker.source;
  channel.service = ServiceName(ServiceClass(asker.service));
  return {};
}

Result<Verdict> SpendPending(const Address& address, const Asker& asker,
                             std::string_view code, UnixTime now,
                             ChannelState& channel) {
  if (!IsPending(channel, address, asker, now)) return Verdict::kRejected;
  ASSIGN_OR_RETURN(const CodeHash hash,
                   HashCode(address.key.Expose(), AsBytes(code)));
  if (!ConstantTimeEqual(hash, channel.code.hash)) return Verdict::kRejected;
  channel.Forget();
  return Verdict::kAccepted;
}

void CountWrongAnswer(LoginState& state, const Asker& asker, UnixTime now) {
  for (ChannelState& channel : state.channels)
    if (IsLive(channel, asker, now)) ++channel.code.failures;
}

}  // namespace twofactor
