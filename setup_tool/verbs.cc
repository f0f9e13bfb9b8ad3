// SPDX-License-Identifier: Apache-2.0
//
// verbs.cc - the table of verbs: everything that the tool can do.

#include "setup_tool/verb.h"

namespace twofactor::tool {
namespace {

constexpr VerbRow kVerbs[] = {
    {"init", Access::kRoot, "make keys and store on a new host",
     "twofactor init\n"
     "twofactor init --keep-keys",
     MakeInit},
    {"enroll totp", Access::kRootForUser,
     "give a user a device that makes codes",
     "twofactor enroll totp --user alice\n"
     "twofactor enroll totp --user alice --name tablet --qr "
     "png:/root/alice.png\n"
     "twofactor enroll totp --user alice --no-confirm --json\n"
     "twofactor enroll --batch users.tsv --output uris.tsv",
     MakeEnrollTotp},
    {"enroll hotp", Access::kRootForUser,
     "give a user a token whose button makes codes",
     "twofactor enroll hotp --user alice --key-file - --hex\n"
     "twofactor enroll hotp --user alice --key-file /root/seed --digits 8 "
     "--counter 42",
     MakeEnrollHotp},
    {"enroll email", Access::kRootForUser,
     "send a user's codes to an email address",
     "twofactor enroll email --user alice alice@example.org\n"
     "twofactor enroll email --user alice --name work alice@example.com",
     MakeEnrollEmail},
    {"enroll sms", Access::kRootForUser,
     "send a user's codes to a phone number",
     "twofactor enroll sms --user alice +4915112345678\n"
     "twofactor enroll sms --user alice --no-confirm --json +4915112345678",
     MakeEnrollSms},
    {"backup-codes", Access::kRootForUser,
     "give a user codes for the day when the phone is lost",
     "twofactor backup-codes --user alice\n"
     "twofactor backup-codes --user alice --print | lp\n"
     "twofactor backup-codes --user alice --regenerate --count 20",
     MakeBackupCodesVerb},
    {"bypass", Access::kRootForUser,
     "let a user in without a device, for a while",
     "twofactor bypass alice --reason 'phone lost, ticket 42'\n"
     "twofactor bypass alice --uses 5 --for 2d --reason 'new phone is "
     "ordered'\n"
     "twofactor bypass alice --revoke",
     MakeBypassVerb},
    {"import google-authenticator", Access::kRoot,
     "take over what google-authenticator keeps of users",
     "twofactor import google-authenticator --user alice --dry-run\n"
     "twofactor import google-authenticator --all-homes\n"
     "twofactor import google-authenticator --user alice --file "
     "/var/lib/google-authenticator/alice",
     MakeImportGoogleAuthenticator},
    {"import oath", Access::kRoot, "take over the users file of pam_oath",
     "twofactor import oath /etc/users.oath --dry-run\n"
     "twofactor import oath /etc/users.oath --user alice\n"
     "twofactor import oath /etc/users.oath --drop-pins --json",
     MakeImportOath},
    {"recovery-address", Access::kRootForUser,
     "say where a user's recovery codes go",
     "twofactor recovery-address --user alice alice@example.org\n"
     "twofactor recovery-address --user alice --remove",
     MakeRecoveryAddress},
    {"status", Access::kRootForUser,
     "show devices, codes and failures of a user",
     "twofactor status alice\n"
     "twofactor status --user alice --json",
     MakeStatus},
    {"list", Access::kRoot, "show who is enrolled",
     "twofactor list\n"
     "twofactor list --json",
     MakeList},
    {"verify", Access::kRootForUser, "say why a code is good or bad",
     "twofactor verify --user alice\n"
     "echo 123456 | twofactor verify --user alice --json",
     MakeVerify},
    {"resync", Access::kRootForUser,
     "bring a token in step by two codes in a row",
     "twofactor resync --user alice\n"
     "twofactor resync --user alice --name token",
     MakeResync},
    {"export", Access::kRootForUser,
     "show a user's keys, to move them elsewhere",
     "twofactor export --user alice\n"
     "twofactor export --user alice --name phone --json",
     MakeExport},
    {"remove", Access::kRootForUser, "remove a device",
     "twofactor remove --user alice --name phone\n"
     "twofactor remove --user alice --name phone --force",
     MakeRemove},
    {"disable", Access::kRootForUser, "refuse the codes of devices for now",
     "twofactor disable --user alice --name phone\n"
     "twofactor disable --user alice",
     MakeDisable},
    {"enable", Access::kRootForUser, "accept the codes of devices again",
     "twofactor enable --user alice --name phone\n"
     "twofactor enable --user alice",
     MakeEnable},
    {"unlock", Access::kRootForUser, "forget a user's failed attempts",
     "twofactor unlock alice", MakeUnlock},
    {"reset", Access::kRootForUser,
     "remove a user's record, even a damaged one",
     "twofactor reset alice\n"
     "twofactor reset alice --yes",
     MakeReset},
    {"repair", Access::kRootForUser,
     "bring a user's files in step again after damage",
     "twofactor repair alice", MakeRepair},
    {"keys status", Access::kRoot, "show the master keys and what they seal",
     "twofactor keys status", MakeKeysStatus},
    {"keys rotate", Access::kRoot, "make a new master key the active one",
     "twofactor keys rotate", MakeKeysRotate},
    {"keys rewrap", Access::kRoot, "seal every record with the active key",
     "twofactor keys rewrap", MakeKeysRewrap},
    {"send-test email", Access::kRoot, "send a mail, and show what happens",
     "twofactor send-test email alice@example.org\n"
     "twofactor send-test email --user alice",
     MakeSendTestEmail},
    {"send-test sms", Access::kRoot,
     "send a text message, and show what happens",
     "twofactor send-test sms +4915112345678\n"
     "twofactor send-test sms --user alice",
     MakeSendTestSms},
    {"flush-notices", Access::kRoot,
     "mail to users what happened to their second factor",
     "twofactor flush-notices\n"
     "twofactor flush-notices --all --json",
     MakeFlushNotices},
    {"check-config", Access::kAnybody, "check the configuration",
     "twofactor check-config\n"
     "twofactor check-config ./twofactor.conf --json",
     MakeCheckConfig},
    {"edit-config", Access::kRoot,
     "edit the configuration; only a good one is installed",
     "twofactor edit-config", MakeEditConfig},
};

}  // namespace

std::span<const VerbRow> VerbTable() { return kVerbs; }

}  // namespace twofactor::tool
