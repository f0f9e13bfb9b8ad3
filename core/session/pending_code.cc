// SPDX-License-Identifier: Apache-2.0
//
// pending_code.cc - set, spent, spoilt.

#include "core/session/pending_code.h"

#include "core/factor/delivered_code.h"

namespace twofactor {
namespace {

bool IsLive(const ChannelState& channel, const Source& source, UnixTime now) {
  const SentCode& code = channel.code;
  return code.sent != UnixTime{} && code.failures < kPendingCodeTries &&
         now >= code.sent && now < code.sent + kPendingCodeLife &&
         channel.source == source;
}

}  // namespace

std::string_view ServiceClass(std::string_view service) {
  return service.substr(0, service.find('-'));
}

bool IsPending(const ChannelState& channel, const Address& address,
               const Source& source, UnixTime now) {
  return channel.address == address.id && IsLive(channel, source, now);
}

Result<void> SetPending(const Address& address, const Asker& asker,
                        const Secret& code, UnixTime now,
                        ChannelState& channel) {
  ASSIGN_OR_RETURN(channel.code.hash,
                   HashDeliveredCode(address.key.Expose(), code.Expose(),
                                     ServiceClass(asker.service)));
  channel.code.sent = now;
  channel.code.failures = 0;
  channel.address = address.id;
  channel.source = asker.source;
  return {};
}

Result<Verdict> SpendPending(const Address& address, const Asker& asker,
                             std::string_view code, UnixTime now,
                             ChannelState& channel) {
  if (!IsPending(channel, address, asker.source, now))
    return Verdict::kRejected;
  ASSIGN_OR_RETURN(const CodeHash hash,
                   HashDeliveredCode(address.key.Expose(), AsBytes(code),
                                     ServiceClass(asker.service)));
  if (!ConstantTimeEqual(hash, channel.code.hash)) return Verdict::kRejected;
  channel.Forget();
  return Verdict::kAccepted;
}

void CountWrongAnswer(LoginState& state, const Source& source, UnixTime now) {
  for (ChannelState& channel : state.channels)
    if (IsLive(channel, source, now)) ++channel.code.failures;
}

}  // namespace twofactor
