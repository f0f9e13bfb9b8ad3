// SPDX-License-Identifier: Apache-2.0
//
// spending_test.cc - tokens and sets of codes at the prompt: what is accepted,
// what is charged to which budget, and that nothing is ever accepted twice.

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "core/factor/backup_code.h"
#include "core/session/device_codes.h"
#include "core/session/enroll_session.h"
#include "core/session/judgement.h"
#include "core/session/throttle.h"
#include "tests/unit/judged.h"
#include "tests/unit/temporary_store.h"

using namespace twofactor;
using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using Kind = Judgement::Kind;
using Form = Answer::Kind;

namespace {

constexpr std::string_view kTokenKey = "a key of a token -- ";
constexpr std::string_view kWrongBackup = "ZZZZZZZZZZZZ";
const UnixTime kNow = At(1'800'000'000);
const Source kHome = {Source::Kind::kIpv4, {192, 0, 2, 7}};
const Source kElsewhere = {Source::Kind::kIpv4, {198, 51, 100, 9}};

std::string HotpCode(std::uint64_t counter, int digits = 6,
                     std::string_view key = kTokenKey) {
  TotpParameters parameters;
  parameters.digits = digits;
  return CodeAtStep(parameters, AsBytes(key), counter);
}

Device TokenNamed(const std::string& label, std::uint64_t id,
                  std::string_view key = kTokenKey, int digits = 6) {
  Device device = DeviceNamed(label, id, key);
  device.kind = DeviceKind::kHotp;
  device.period = seconds(0);
  device.digits = digits;
  return device;
}

// The code of `number` of any set; only their keys differ.
std::string BackupCode(int number) {
  return "7K3M9QXPT2" + std::to_string(10 + number);
}

struct Login {
  Judgement judgement;
  Durability durability;
};

struct Subject {
  Config config;
  Enrollment enrollment;
  LoginState state;
  FakeClock clock;

  void Add(Device device, Counter next = {}) {
    DeviceState device_state;
    device_state.id = device.id;
    device_state.next = next;
    enrollment.devices.push_back(std::move(device));
    Expect(state.devices.Add(device_state));
  }
  CodeSet& AddSet(CodeSet::Kind kind, std::uint64_t id,
                  const std::vector<std::string>& codes) {
    CodeSet& set = enrollment.code_sets.emplace_back();
    set.id = CodeSetId{id};
    set.kind = kind;
    set.created = kNow;
    set.key = Secret::CopyOf(
        AsBytes(std::string(31, 'k') + static_cast<char>('0' + id)));
    for (const std::string& code : codes)
      set.hashes.push_back(ExpectOk(HashCode(set.key.Expose(), AsBytes(code))));
    Expect(state.code_sets.Add({set.id, 0, {}}));
    return set;
  }
  CodeSet& AddBackupCodes(int count = 10) {
    std::vector<std::string> codes;
    for (int i = 0; i < count; ++i) codes.push_back(BackupCode(i));
    return AddSet(CodeSet::Kind::kBackup, 1, codes);
  }
  CodeSet& AddBypass(int uses = 2, std::uint64_t id = 3, int code = 80) {
    CodeSet& set = AddSet(CodeSet::Kind::kBypass, id, {BackupCode(code)});
    set.uses = uses;
    set.expires = kNow + hours(1);
    set.reason = "lost phone";
    return set;
  }

  Login Try(std::string_view code, Form form = Form::kCode,
            const Source& source = kHome) {
    auto [judgement, change] = JudgeFrom(config, {code, {source}, form},
                                         enrollment, state, clock.moment);
    state = change.state;
    return {judgement, change.durability};
  }
  Kind Of(std::string_view code, Form form = Form::kCode,
          const Source& source = kHome) {
    return Try(code, form, source).judgement.kind;
  }
  Kind OfBackup(std::string_view code, const Source& source = kHome) {
    return Of(code, Form::kBackupCode, source);
  }
  std::uint64_t Next(std::uint64_t id) const {
    return Number(state.Find(DeviceId{id})->next);
  }
  std::string TotpCode(std::string_view key = kRfcKey) const {
    return CodeAt({}, AsBytes(key), clock.moment.now);
  }
  // No limits: for tests of something else.
  void OpenBudgets() {
    config.verify_limits = {
        {20, seconds(0)}, {20, seconds(0)}, 1'000'000'000, 1'000'000'000};
    config.backup_limit = {20, seconds(0)};
  }
};

Subject OneToken() {
  Subject subject;
  subject.Add(TokenNamed("token", 1));
  return subject;
}

Subject PhoneAndCodes() {
  Subject subject;
  subject.Add(DeviceNamed("phone", 1));
  subject.AddBackupCodes();
  return subject;
}

// HOTP tokens ----------------------------------------------------------------

void token_is_accepted_and_its_counter_outlasts_a_power_cut() {
  Subject subject = OneToken();
  const Login login = subject.Try(HotpCode(0));
  ExpectEqual(login.judgement.kind, Kind::kAccepted);
  ExpectEqual(login.judgement.method, Method::kHotp);
  ExpectEqual(login.judgement.name, "token");
  Expect(!login.judgement.codes_left);
  ExpectEqual(login.durability, Durability::kPowerCut);
  ExpectEqual(subject.Next(1), 1u);
  ExpectEqual(subject.state.devices[0].last_used, kNow);
  ExpectEqual(subject.Try("000000").durability, Durability::kCrash);
}

void sole_token_is_looked_ahead_10_and_one_among_others_4() {
  for (bool sole : {true, false})
    for (std::uint64_t ahead = 0; ahead < 15; ++ahead) {
      Subject subject;
      subject.Add(TokenNamed("token", 1), Counter{100});
      if (!sole) subject.Add(DeviceNamed("phone", 2));
      const bool right = ahead < (sole ? 10u : 4u);
      const std::string row =
          std::to_string(ahead) + (sole ? " alone" : " among others");
      ExpectEqual(subject.Of(HotpCode(100 + ahead)),
                  right ? Kind::kAccepted : Kind::kRejected, row);
      ExpectEqual(subject.Next(1), right ? 100 + ahead + 1 : 100, row);
    }
}

// Devices of another length, or whose codes count for nothing, are no company.
void token_is_alone_among_devices_that_cannot_match() {
  using Spoil = void (*)(Subject&);
  const Spoil spoilers[] = {
      [](Subject& s) { s.enrollment.devices[1].digits = 8; },
      [](Subject& s) {
        s.enrollment.devices[1].status = DeviceStatus::kDisabled;
      },
      [](Subject& s) { s.state.devices.RemoveAt(1); },
  };
  for (const Spoil& spoil : spoilers) {
    Subject subject = OneToken();
    subject.Add(DeviceNamed("phone", 2));
    spoil(subject);
    ExpectEqual(subject.Of(HotpCode(9)), Kind::kAccepted);
  }
}

void administrator_may_shorten_the_look_ahead() {
  for (int look_ahead : {1, 3, 9})
    for (int ahead = 0; ahead < 11; ++ahead) {
      Subject subject = OneToken();
      subject.config.hotp_look_ahead = look_ahead;
      ExpectEqual(subject.Of(HotpCode(static_cast<std::uint64_t>(ahead))),
                  ahead < look_ahead ? Kind::kAccepted : Kind::kRejected);
    }
}

void every_earlier_code_of_a_token_is_refused() {
  Subject subject = OneToken();
  subject.OpenBudgets();
  for (std::uint64_t counter = 0; counter < 40; counter += 1 + counter % 3) {
    ExpectEqual(subject.Of(HotpCode(counter)), Kind::kAccepted);
    for (std::uint64_t used = 0; used <= counter; ++used)
      ExpectEqual(subject.Of(HotpCode(used)), Kind::kRejected,
                  std::to_string(used) + " after " + std::to_string(counter));
    ExpectEqual(subject.Next(1), counter + 1);
  }
}

void wrong_guess_moves_no_counter() {
  Subject subject = OneToken();
  subject.Add(TokenNamed("second", 2, "another key of bytes"), Counter{7});
  subject.OpenBudgets();
  const std::string pair = HotpCode(50) + HotpCode(52);
  for (int i = 0; i < 100; ++i) {
    subject.Of(HotpCode(60 + static_cast<std::uint64_t>(i)));
    subject.Of(pair, Form::kCodePair);
  }
  ExpectEqual(subject.Next(1), 0u);
  ExpectEqual(subject.Next(2), 7u);
}

void two_codes_in_a_row_find_a_token_that_is_far_ahead() {
  for (int digits : {6, 7, 8}) {
    Subject subject;
    subject.Add(TokenNamed("token", 1, kTokenKey, digits));
    subject.Add(DeviceNamed("phone", 2));
    const auto pair = [&](std::uint64_t first) {
      return HotpCode(first, digits) + HotpCode(first + 1, digits);
    };
    ExpectEqual(subject.Of(HotpCode(99, digits)), Kind::kRejected);
    ExpectEqual(subject.Of(pair(100), Form::kCodePair), Kind::kRejected);
    ExpectEqual(subject.Next(1), 0u);
    const Login login = subject.Try(pair(99), Form::kCodePair);
    ExpectEqual(login.judgement.kind, Kind::kAccepted);
    ExpectEqual(login.judgement.method, Method::kHotp);
    ExpectEqual(login.durability, Durability::kPowerCut);
    ExpectEqual(subject.Next(1), 101u);
    ExpectEqual(subject.Of(pair(99), Form::kCodePair), Kind::kRejected);
    ExpectEqual(subject.Of(pair(100), Form::kCodePair), Kind::kRejected);
    ExpectEqual(subject.Of(HotpCode(100, digits)), Kind::kRejected);
    ExpectEqual(subject.Of(HotpCode(101, digits)), Kind::kAccepted);
  }
}

void two_codes_of_a_totp_device_are_no_pair() {
  Subject subject;
  subject.Add(DeviceNamed("phone", 1));
  const std::string pair =
      subject.TotpCode() +
      CodeAt({}, AsBytes(kRfcKey), subject.clock.moment.now, 1);
  ExpectEqual(subject.Of(pair, Form::kCodePair), Kind::kRejected);
  ExpectEqual(subject.state.strangers.recent.size(), 1u);
}

void pair_is_judged_only_while_guesses_are_allowed() {
  Subject subject = OneToken();
  for (int i = 0; i < 5; ++i)
    ExpectEqual(subject.Of("000000000000", Form::kCodePair), Kind::kRejected);
  ExpectEqual(subject.Of(HotpCode(0) + HotpCode(1), Form::kCodePair),
              Kind::kThrottled);
  ExpectEqual(subject.Of(HotpCode(0)), Kind::kThrottled);
  ExpectEqual(subject.Next(1), 0u);
}

void lost_counter_accepts_nothing() {
  for (bool with_phone : {true, false}) {
    Subject subject;
    subject.OpenBudgets();
    subject.Add(TokenNamed("token", 1), kCounterLost);
    if (with_phone) subject.Add(DeviceNamed("phone", 2));
    const Kind refused = with_phone ? Kind::kRejected : Kind::kNothingUsable;
    for (std::uint64_t counter :
         {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{9},
          Number(kCounterLost) - 1, Number(kCounterLost)}) {
      ExpectEqual(subject.Of(HotpCode(counter)), refused);
      ExpectEqual(subject.Of(HotpCode(counter) + HotpCode(counter + 1),
                             Form::kCodePair),
                  refused);
    }
    ExpectEqual(subject.Next(1), Number(kCounterLost));
  }
}

// Its code is the last one, and then the counter is at its end for good.
void last_counters_are_spent_and_never_wrap() {
  Subject subject;
  subject.OpenBudgets();
  subject.Add(TokenNamed("token", 1), Counter{Number(kCounterLost) - 2});
  const auto try_low = [&](Kind expected) {
    for (std::uint64_t low = 0; low < 10; ++low)
      ExpectEqual(subject.Of(HotpCode(low)), expected);
  };
  try_low(Kind::kRejected);
  ExpectEqual(subject.Of(HotpCode(Number(kCounterLost) - 1)), Kind::kAccepted);
  ExpectEqual(subject.Next(1), Number(kCounterLost));
  try_low(Kind::kNothingUsable);
}

void disabled_token_and_token_without_state_are_refused() {
  Subject subject = OneToken();
  subject.enrollment.devices[0].status = DeviceStatus::kDisabled;
  ExpectEqual(subject.Of(HotpCode(0)), Kind::kNothingUsable);
  subject.Add(DeviceNamed("phone", 2));
  ExpectEqual(subject.Of(HotpCode(0)), Kind::kRejected);
  ExpectEqual(subject.Of(HotpCode(0) + HotpCode(1), Form::kCodePair),
              Kind::kRejected);
  ExpectEqual(subject.Next(1), 0u);
  subject.enrollment.devices[0].status = DeviceStatus::kEnabled;
  subject.state.devices.RemoveAt(0);
  ExpectEqual(subject.Of(HotpCode(0)), Kind::kRejected);
  Expect(!subject.state.Find(DeviceId{1}));
}

void reboot_does_not_touch_a_token() {
  Subject subject = OneToken();
  ExpectEqual(subject.Of(HotpCode(0)), Kind::kAccepted);
  subject.clock.moment.boot = Moment::Boot{{2}, subject.clock.moment.now};
  ExpectEqual(subject.Of(HotpCode(0)), Kind::kRejected);
  ExpectEqual(subject.Of(HotpCode(1)), Kind::kAccepted);
  subject.clock.moment.now -= hours(10'000);
  ExpectEqual(subject.Of(HotpCode(2)), Kind::kAccepted);
}

// A token and a phone that show the same digits now.
void code_that_fits_two_devices_spends_both() {
  for (bool token_first : {true, false}) {
    Subject subject;
    const std::string code = subject.TotpCode();
    std::uint64_t counter = 0;
    while (HotpCode(counter) != code) ++counter;
    if (token_first) subject.Add(TokenNamed("token", 1), Counter{counter});
    subject.Add(DeviceNamed("phone", 2));
    if (!token_first) subject.Add(TokenNamed("token", 1), Counter{counter});
    const Login login = subject.Try(code);
    ExpectEqual(login.judgement.kind, Kind::kAccepted);
    ExpectEqual(login.durability, Durability::kPowerCut);
    ExpectEqual(subject.Next(1), counter + 1);
    ExpectEqual(subject.Next(2), 60'000'001u);
    ExpectEqual(subject.Of(code), Kind::kReplayed);
  }
}

// How many codes are right at a time -----------------------------------------

// Every code that one guess would be right with, of `digits` digits.
std::size_t RightCodes(const Subject& subject, int digits) {
  std::set<std::string> candidates;
  for (const Device& device : subject.enrollment.devices)
    for (int i = -8; i <= 12; ++i) {
      if (device.digits != digits) continue;
      TotpParameters parameters;
      parameters.digits = digits;
      const std::uint64_t base = device.kind == DeviceKind::kTotp
                                     ? 60'000'000
                                     : subject.Next(std::uint64_t(device.id));
      candidates.insert(
          CodeAtStep(parameters, device.key.Expose(),
                     base + static_cast<std::uint64_t>(std::int64_t{i})));
    }
  std::size_t right = 0;
  for (const std::string& code : candidates)
    right += JudgeFrom(subject.config, {code, kHome}, subject.enrollment,
                       subject.state, subject.clock.moment)
                 .judgement.kind == Kind::kAccepted;
  return right;
}

// Whatever is enrolled, disabled or lost, and however the administrator changes
// window and look-ahead afterwards.
void candidates_are_never_more_than_15() {
  std::mt19937 random(5);
  const auto any = [&](unsigned limit) {
    return static_cast<int>(random() % limit);
  };
  std::size_t most = 0;
  for (int round = 0; round < 150; ++round) {
    Subject subject;
    const auto configure = [&] {
      subject.config.totp_tolerance.window = any(3);
      subject.config.hotp_look_ahead = 1 + any(10);
    };
    configure();
    const int tries = 1 + any(24);
    for (int i = 0; i < tries; ++i) {
      const std::uint64_t id = static_cast<std::uint64_t>(i) + 1;
      const std::string key = "a key of 18 bytes " + std::to_string(100 + i);
      const int digits = any(3) == 0 ? 8 : 6;
      Device device = any(2) ? TokenNamed("d" + key, id, key, digits)
                             : DeviceNamed("d" + key, id, key);
      device.digits = digits;
      if (device.kind == DeviceKind::kTotp && any(4) == 0)
        device.window = any(3);
      if (!CheckFits(device, subject.enrollment, subject.config)) continue;
      subject.Add(std::move(device), Counter{1000});
    }
    for (Device& device : subject.enrollment.devices)
      if (any(8) == 0) device.status = DeviceStatus::kDisabled;
    for (int change = 0; change < 3; ++change) {
      for (int digits : {6, 8}) {
        const std::size_t right = RightCodes(subject, digits);
        Expect(right <= 15, "round " + std::to_string(round) + ": " +
                                std::to_string(right) + " codes are right");
        most = std::max(most, right);
      }
      configure();
    }
  }
  ExpectEqual(most, 15u);
}

// Backup codes ---------------------------------------------------------------

void each_backup_code_works_once_in_any_order() {
  std::mt19937 random(1);
  std::vector<int> order(32);
  for (int i = 0; i < 32; ++i) order[static_cast<std::size_t>(i)] = i;
  for (int round = 0; round < 20; ++round) {
    std::ranges::shuffle(order, random);
    Subject subject;
    subject.Add(DeviceNamed("phone", 1));
    subject.AddBackupCodes(32);
    int left = 32;
    for (int code : order) {
      const Login login = subject.Try(BackupCode(code), Form::kBackupCode);
      ExpectEqual(login.judgement.kind, Kind::kAccepted);
      ExpectEqual(login.judgement.method, Method::kBackupCode);
      ExpectEqual(login.judgement.name, "");
      Expect(login.judgement.codes_left == --left);
      ExpectEqual(login.durability, Durability::kPowerCut);
      ExpectEqual(subject.OfBackup(BackupCode(code)), Kind::kReplayed);
    }
    for (int code : order)
      ExpectEqual(subject.OfBackup(BackupCode(code)), Kind::kReplayed);
    ExpectEqual(subject.state.code_sets[0].spent, 0xFFFFFFFFu);
    Expect(subject.state.known_code_failures.empty());
  }
}

void backup_code_leaves_the_devices_alone() {
  Subject subject = PhoneAndCodes();
  const std::string code = subject.TotpCode();
  ExpectEqual(subject.OfBackup(BackupCode(3)), Kind::kAccepted);
  ExpectEqual(subject.Next(1), 0u);
  ExpectEqual(subject.Of(code), Kind::kAccepted);
  ExpectEqual(subject.state.code_sets[0].spent, 8u);
  ExpectEqual(subject.state.code_sets[0].last_used, kNow);
}

void set_without_state_is_never_accepted() {
  Subject subject = PhoneAndCodes();
  subject.AddBypass();
  subject.state.code_sets.Clear();
  ExpectEqual(subject.OfBackup(BackupCode(0)), Kind::kRejected);
  ExpectEqual(subject.OfBackup(BackupCode(80)), Kind::kRejected);
  Expect(subject.state.code_sets.empty());
}

// Repair leaves sets in this state.
void set_whose_codes_are_all_spent_by_repair_is_refused() {
  Subject subject = PhoneAndCodes();
  subject.AddBypass();
  for (CodeSetState& set : subject.state.code_sets) set.spent = 0xFFFFFFFF;
  for (int i = 0; i < 10; ++i)
    ExpectEqual(subject.OfBackup(BackupCode(i)), Kind::kReplayed);
  ExpectEqual(subject.OfBackup(BackupCode(80)), Kind::kExpired);
  ExpectEqual(subject.state.code_sets[1].spent, 0xFFFFFFFFu);
}

// A set of codes is worth nothing without a device, by rule 1: it does not
// enroll.  An administrator's word is.
void without_an_enabled_device_only_a_bypass_counts() {
  for (bool removed : {true, false}) {
    Subject subject = PhoneAndCodes();
    subject.AddSet(CodeSet::Kind::kScratch, 2, {"12345678"});
    if (removed)
      subject.enrollment.devices.clear();
    else
      subject.enrollment.devices[0].status = DeviceStatus::kDisabled;
    ExpectEqual(subject.OfBackup(BackupCode(0)), Kind::kNothingUsable);
    ExpectEqual(subject.Of("12345678"), Kind::kNothingUsable);
    subject.AddBypass();
    ExpectEqual(subject.OfBackup(BackupCode(0)), Kind::kRejected);
    ExpectEqual(subject.Of("12345678"), Kind::kRejected);
    ExpectEqual(subject.state.code_sets[0].spent, 0u);
    ExpectEqual(subject.state.code_sets[1].spent, 0u);
    const Login login = subject.Try(BackupCode(80), Form::kBackupCode);
    ExpectEqual(login.judgement.kind, Kind::kAccepted);
    ExpectEqual(login.judgement.method, Method::kBypass);
  }
}

// Whoever lost the token's counter still has the codes.
void backup_codes_work_beside_a_lost_counter() {
  Subject subject;
  subject.Add(TokenNamed("token", 1), kCounterLost);
  subject.AddBackupCodes();
  ExpectEqual(subject.OfBackup(BackupCode(0)), Kind::kAccepted);
}

// Bypass codes ---------------------------------------------------------------

void bypass_works_as_often_as_it_was_made_for() {
  for (int uses : {1, 2, 100}) {
    Subject subject = PhoneAndCodes();
    subject.AddBypass(uses);
    for (int left = uses; left-- > 0;) {
      const Login login = subject.Try(BackupCode(80), Form::kBackupCode);
      ExpectEqual(login.judgement.kind, Kind::kAccepted);
      ExpectEqual(login.judgement.method, Method::kBypass);
      ExpectEqual(login.judgement.name, "lost phone");
      Expect(login.judgement.codes_left == left);
      ExpectEqual(login.durability, Durability::kPowerCut);
    }
    for (int i = 0; i < 30; ++i)
      ExpectEqual(subject.OfBackup(BackupCode(80)), Kind::kExpired);
    ExpectEqual(subject.state.code_sets[1].spent, unsigned(uses));
    ExpectEqual(subject.OfBackup(BackupCode(0)), Kind::kAccepted);
  }
}

void bypass_expires_to_the_second_and_is_not_counted() {
  struct {
    seconds at;
    Kind kind;
  } const rows[] = {{seconds(3599), Kind::kAccepted},
                    {seconds(3600), Kind::kExpired},
                    {days(400), Kind::kExpired}};
  for (const auto& row : rows) {
    Subject subject = PhoneAndCodes();
    subject.AddBypass();
    subject.clock.Advance(row.at);
    for (int i = 0; i < 2; ++i) {
      const Login login = subject.Try(BackupCode(80), Form::kBackupCode);
      ExpectEqual(login.judgement.kind, row.kind);
      ExpectEqual(login.judgement.name, "lost phone");
    }
    Expect(subject.state.strange_code_failures.empty());
    Expect(subject.state.strangers == FailureHistory{});
    if (row.kind == Kind::kExpired)
      ExpectEqual(subject.state.code_sets[1].spent, 0u);
  }
}

void only_a_live_bypass_makes_a_record_without_devices_usable() {
  Subject subject;
  subject.AddBypass(1);
  ExpectEqual(subject.OfBackup(kWrongBackup), Kind::kRejected);
  ExpectEqual(subject.OfBackup(BackupCode(80)), Kind::kAccepted);
  ExpectEqual(subject.OfBackup(BackupCode(80)), Kind::kNothingUsable);
  subject.AddBypass(1, 4, 81);
  ExpectEqual(subject.OfBackup(BackupCode(80)), Kind::kExpired);
  subject.clock.Advance(hours(1));
  ExpectEqual(subject.OfBackup(BackupCode(81)), Kind::kNothingUsable);
}

// Two sets with one code: a used one does not hide what the other spends, and
// both are spent.
void code_that_two_sets_have_is_spent_in_both() {
  for (bool used_first : {true, false}) {
    Subject subject;
    subject.Add(DeviceNamed("phone", 1));
    subject.AddBypass(1, 3);
    subject.AddBypass(1, 4);
    subject.state.code_sets[used_first ? 0 : 1].spent = 1;
    ExpectEqual(subject.OfBackup(BackupCode(80)), Kind::kAccepted);
    ExpectEqual(subject.OfBackup(BackupCode(80)), Kind::kExpired);
    for (const CodeSetState& set : subject.state.code_sets)
      ExpectEqual(set.spent, 1u);
  }
  Subject both;
  both.Add(DeviceNamed("phone", 1));
  both.AddBypass(1, 3);
  both.AddBypass(1, 4);
  ExpectEqual(both.OfBackup(BackupCode(80)), Kind::kAccepted);
  ExpectEqual(both.OfBackup(BackupCode(80)), Kind::kExpired);
}

// Scratch codes --------------------------------------------------------------

Subject PhoneAndScratch() {
  Subject subject;
  subject.Add(DeviceNamed("phone", 1));
  subject.AddSet(CodeSet::Kind::kScratch, 2,
                 {"12345678", "23456789", "12345678"});
  return subject;
}

void scratch_code_works_once_even_when_it_is_listed_twice() {
  Subject subject = PhoneAndScratch();
  const Login login = subject.Try("12345678");
  ExpectEqual(login.judgement.kind, Kind::kAccepted);
  ExpectEqual(login.judgement.method, Method::kBackupCode);
  ExpectEqual(login.durability, Durability::kPowerCut);
  ExpectEqual(subject.Of("12345678"), Kind::kReplayed);
  ExpectEqual(subject.OfBackup("12345678"), Kind::kRejected);
  ExpectEqual(subject.Of("23456789"), Kind::kAccepted);
}

void scratch_codes_are_tried_only_while_both_budgets_are_open() {
  // The budget of codes is spent: no scratch code, but devices go on.
  Subject subject = PhoneAndScratch();
  for (int i = 0; i < 10; ++i) subject.OfBackup(kWrongBackup);
  ExpectEqual(subject.Of("12345678"), Kind::kRejected);
  ExpectEqual(subject.state.code_sets[0].spent, 0u);
  ExpectEqual(subject.state.strangers.recent.size(), 1u);
  ExpectEqual(subject.state.strange_code_failures.size(), 10u);
  ExpectEqual(subject.Of(subject.TotpCode()), Kind::kAccepted);
  // Guesses are spent: nothing at all.
  subject = PhoneAndScratch();
  for (int i = 0; i < 5; ++i) subject.Of("000000");
  ExpectEqual(subject.Of("12345678"), Kind::kThrottled);
  ExpectEqual(subject.state.code_sets[0].spent, 0u);
}

// Budgets --------------------------------------------------------------------

void failures_are_charged_to_the_budgets_they_were_tried_with() {
  struct {
    const char* name;
    bool scratch;
    Form form;
    std::string_view code;
    Kind kind;
    std::size_t guesses;
    std::size_t codes;
  } const rows[] = {
      {"a code", false, Form::kCode, "000000", Kind::kRejected, 1, 0},
      {"8 digits", false, Form::kCode, "00000000", Kind::kRejected, 1, 0},
      {"a pair", false, Form::kCodePair, "000000000000", Kind::kRejected, 1, 0},
      {"a backup code", false, Form::kBackupCode, kWrongBackup, Kind::kRejected,
       0, 1},
      {"a code beside longer scratch codes", true, Form::kCode, "000000",
       Kind::kRejected, 1, 0},
      {"7 digits beside scratch codes", true, Form::kCode, "0000000",
       Kind::kRejected, 1, 0},
      {"8 digits beside scratch codes", true, Form::kCode, "00000000",
       Kind::kRejected, 1, 1},
      {"a pair beside scratch codes", true, Form::kCodePair, "000000000000",
       Kind::kRejected, 1, 0},
      {"a backup code beside scratch codes", true, Form::kBackupCode,
       kWrongBackup, Kind::kRejected, 0, 1},
      {"a scratch code", true, Form::kCode, "12345678", Kind::kAccepted, 0, 0},
      {"a right backup code", true, Form::kBackupCode, "7K3M9QXPT210",
       Kind::kAccepted, 0, 0},
      {"a bypass", true, Form::kBackupCode, "7K3M9QXPT290", Kind::kAccepted, 0,
       0},
  };
  for (const bool known : {true, false})
    for (const auto& row : rows) {
      Subject subject = PhoneAndCodes();
      subject.AddBypass();
      if (row.scratch) subject.AddSet(CodeSet::Kind::kScratch, 2, {"12345678"});
      if (known) RecordSuccess(subject.state, kHome, kNow - hours(1));
      ExpectEqual(subject.Of(row.code, row.form), row.kind, row.name);
      const LoginState& state = subject.state;
      ExpectEqual(state.strangers.recent.size(), known ? 0 : row.guesses,
                  row.name);
      std::size_t own = 0;
      for (const SourceState& source : state.sources)
        own += source.failures.recent.size();
      ExpectEqual(own, row.guesses, row.name);
      ExpectEqual(state.known_code_failures.size(), known ? row.codes : 0,
                  row.name);
      ExpectEqual(state.strange_code_failures.size(), known ? 0 : row.codes,
                  row.name);
    }
}

void eleventh_backup_code_is_not_evaluated() {
  Subject subject = PhoneAndCodes();
  for (int i = 0; i < 10; ++i)
    ExpectEqual(subject.OfBackup(kWrongBackup), Kind::kRejected);
  const LoginState before = subject.state;
  const Login login = subject.Try(BackupCode(0), Form::kBackupCode);
  ExpectEqual(login.judgement.kind, Kind::kThrottled);
  ExpectEqual(login.judgement.retry_after, hours(1));
  Expect(subject.state == before);
  ExpectEqual(subject.OfBackup(BackupCode(0), kElsewhere), Kind::kThrottled);
  // Codes of devices have a budget of their own.
  ExpectEqual(subject.Of(subject.TotpCode()), Kind::kAccepted);
  // And now the source is known, and has another budget.
  ExpectEqual(subject.OfBackup(BackupCode(0)), Kind::kAccepted);
  ExpectEqual(subject.OfBackup(BackupCode(1), kElsewhere), Kind::kThrottled);
  subject.clock.Advance(hours(1));
  ExpectEqual(subject.OfBackup(BackupCode(1), kElsewhere), Kind::kAccepted);
}

void guesses_do_not_shut_out_backup_codes() {
  Subject subject = PhoneAndCodes();
  for (int i = 0; i < 30; ++i) subject.Of("000000");
  ExpectEqual(subject.Of(subject.TotpCode()), Kind::kThrottled);
  ExpectEqual(subject.OfBackup(BackupCode(0)), Kind::kAccepted);
}

// A property -----------------------------------------------------------------

// Everything of every kind, a clock that goes forward, reboots, power cuts that
// lose what was not synced, and repairs after a lost lockout file.  Nothing is
// accepted twice, and counters only grow.
class Life {
 public:
  explicit Life(unsigned seed) : random_(seed) {
    subject_.Add(DeviceNamed("phone", 1));
    subject_.Add(TokenNamed("token", 2));
    subject_.Add(TokenNamed("long token", 3, "a key of 20 bytes, 3", 8));
    subject_.AddBackupCodes(12);
    subject_.AddSet(CodeSet::Kind::kScratch, 2, {"12345678", "23456789"});
    subject_.AddBypass(5).expires = kNow + days(3650);
    subject_.OpenBudgets();
    since_sync_ = {subject_.state};
  }

  void Step() {
    Pass();
    const auto [code, form] = AnyAnswer();
    const LoginState before = subject_.state;
    const Login login = subject_.Try(code, form);
    for (const DeviceState& device : before.devices)
      Expect(subject_.Next(std::uint64_t(device.id)) >= Number(device.next));
    if (login.durability != Durability::kCrash) since_sync_.clear();
    since_sync_.push_back(subject_.state);
    if (login.judgement.kind != Kind::kAccepted) return;
    ++accepted;
    if (login.judgement.method == Method::kBypass) return CountBypass();
    NoteSpent(before, code);
  }

  int accepted = 0;
  std::map<Method, int> by_method;

 private:
  unsigned Below(unsigned limit) {
    return static_cast<unsigned>(random_() % limit);
  }

  void Pass() {
    switch (Below(12)) {
      case 0:
        subject_.clock.Advance(seconds(Below(90)));
        break;
      case 1:
        if (Below(10) == 0)  // A power cut.
          subject_.state = since_sync_[Below(unsigned(since_sync_.size()))];
        subject_.clock.Advance(seconds(Below(20)));
        subject_.clock.moment.boot =
            Moment::Boot{{++boot_}, subject_.clock.moment.now};
        since_sync_ = {subject_.state};
        break;
      case 2:  // What repair leaves of a token, and what resync makes of it.
        if (Below(30) != 0) break;
        subject_.state.Find(DeviceId{2})->next = kCounterLost;
        since_sync_ = {subject_.state};
        break;
      default:
        break;
    }
    DeviceState& token = *subject_.state.Find(DeviceId{2});
    if (token.next == kCounterLost && Below(10) == 0) {
      token.next = Counter{shown_ + 1};
      since_sync_ = {subject_.state};
    }
    if (Below(15) == 0) ++shown_;  // The button, for nothing.
    if (Below(60) == 0) shown_ += Below(50);
  }

  std::pair<std::string, Form> AnyAnswer() {
    if (!seen_.empty() && Below(3) == 0) {
      const std::size_t back =
          1 + Below(unsigned(std::min<std::size_t>(seen_.size(), 40)));
      return seen_[seen_.size() - back];
    }
    seen_.push_back(NewAnswer());
    return seen_.back();
  }

  std::pair<std::string, Form> NewAnswer() {
    const std::string_view long_key = "a key of 20 bytes, 3";
    switch (Below(8)) {
      case 0:
        return {CodeAt({}, AsBytes(kRfcKey), subject_.clock.moment.now,
                       static_cast<int>(Below(5)) - 2),
                Form::kCode};
      case 1:
        return {HotpCode(++shown_), Form::kCode};
      case 2:
        return {Pair(), Form::kCodePair};
      case 3:
        return {HotpCode(++long_shown_, 8, long_key), Form::kCode};
      case 4:
        if (Below(6) != 0) break;
        return {BackupCode(static_cast<int>(Below(14))), Form::kBackupCode};
      case 5:
        if (Below(40) == 0) return {BackupCode(80), Form::kBackupCode};
        break;
      case 6:
        if (Below(40) == 0)
          return {Below(2) ? "12345678" : "23456789", Form::kCode};
        break;
      default:
        break;
    }
    return {"000000", Form::kCode};
  }

  std::string Pair() {
    shown_ += 2;
    return HotpCode(shown_ - 1) + HotpCode(shown_);
  }

  void CountBypass() {
    ++by_method[Method::kBypass];
    Expect(by_method[Method::kBypass] <= 5, "a bypass beyond its uses");
  }

  // (what, counter or number) that `code` was right for, by what changed.
  void NoteSpent(const LoginState& before, const std::string& code) {
    std::vector<std::pair<std::uint64_t, std::uint64_t>> spent;
    for (std::size_t i = 0; i < before.devices.size(); ++i) {
      const Counter next = subject_.state.devices[i].next;
      if (next == before.devices[i].next) continue;
      spent.emplace_back(i, Number(next) - 1);
      ++by_method[i == 0 ? Method::kTotp : Method::kHotp];
    }
    for (std::size_t i = 0; i < before.code_sets.size(); ++i) {
      const std::uint32_t changed =
          subject_.state.code_sets[i].spent ^ before.code_sets[i].spent;
      if (changed == 0) continue;
      spent.emplace_back(100 + i, changed);
      ++by_method[Method::kBackupCode];
    }
    Expect(!spent.empty(), "accepted " + code + " and spent nothing");
    for (const auto& each : spent)
      Expect(ever_spent_.insert(each).second, "accepted twice: " + code);
  }

  std::mt19937 random_;
  Subject subject_;
  std::vector<LoginState> since_sync_;
  std::vector<std::pair<std::string, Form>> seen_;
  std::set<std::pair<std::uint64_t, std::uint64_t>> ever_spent_;
  std::uint64_t shown_ = 0;
  std::uint64_t long_shown_ = 0;
  std::uint8_t boot_ = 1;
};

void nothing_of_any_kind_is_ever_accepted_twice() {
  std::map<Method, int> by_method;
  int accepted = 0;
  for (unsigned seed = 0; seed < 20; ++seed) {
    Life life(seed);
    for (int step = 0; step < 1000; ++step) life.Step();
    accepted += life.accepted;
    for (const auto& [method, count] : life.by_method)
      by_method[method] += count;
  }
  // Every kind has had its chances.
  Expect(accepted > 2000, std::to_string(accepted));
  Expect(by_method[Method::kTotp] > 200);
  Expect(by_method[Method::kHotp] > 500);
  Expect(by_method[Method::kBackupCode] > 100);
  Expect(by_method[Method::kBypass] >= 10);
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      EXPECT_TEST(token_is_accepted_and_its_counter_outlasts_a_power_cut),
      EXPECT_TEST(sole_token_is_looked_ahead_10_and_one_among_others_4),
      EXPECT_TEST(token_is_alone_among_devices_that_cannot_match),
      EXPECT_TEST(administrator_may_shorten_the_look_ahead),
      EXPECT_TEST(every_earlier_code_of_a_token_is_refused),
      EXPECT_TEST(wrong_guess_moves_no_counter),
      EXPECT_TEST(two_codes_in_a_row_find_a_token_that_is_far_ahead),
      EXPECT_TEST(two_codes_of_a_totp_device_are_no_pair),
      EXPECT_TEST(pair_is_judged_only_while_guesses_are_allowed),
      EXPECT_TEST(lost_counter_accepts_nothing),
      EXPECT_TEST(last_counters_are_spent_and_never_wrap),
      EXPECT_TEST(disabled_token_and_token_without_state_are_refused),
      EXPECT_TEST(reboot_does_not_touch_a_token),
      EXPECT_TEST(code_that_fits_two_devices_spends_both),
      EXPECT_TEST(candidates_are_never_more_than_15),
      EXPECT_TEST(each_backup_code_works_once_in_any_order),
      EXPECT_TEST(backup_code_leaves_the_devices_alone),
      EXPECT_TEST(set_without_state_is_never_accepted),
      EXPECT_TEST(set_whose_codes_are_all_spent_by_repair_is_refused),
      EXPECT_TEST(without_an_enabled_device_only_a_bypass_counts),
      EXPECT_TEST(backup_codes_work_beside_a_lost_counter),
      EXPECT_TEST(bypass_works_as_often_as_it_was_made_for),
      EXPECT_TEST(bypass_expires_to_the_second_and_is_not_counted),
      EXPECT_TEST(only_a_live_bypass_makes_a_record_without_devices_usable),
      EXPECT_TEST(code_that_two_sets_have_is_spent_in_both),
      EXPECT_TEST(scratch_code_works_once_even_when_it_is_listed_twice),
      EXPECT_TEST(scratch_codes_are_tried_only_while_both_budgets_are_open),
      EXPECT_TEST(failures_are_charged_to_the_budgets_they_were_tried_with),
      EXPECT_TEST(eleventh_backup_code_is_not_evaluated),
      EXPECT_TEST(guesses_do_not_shut_out_backup_codes),
      EXPECT_TEST(nothing_of_any_kind_is_ever_accepted_twice),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
