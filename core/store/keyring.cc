// SPDX-License-Identifier: Apache-2.0
//
// keyring.cc - the keyring file and the keys beside it.
//
//   keyring     "realm=<32 hex>\nactive=<16 hex>\n", 0400
//   keys/<kid>  32 random bytes, 0400

#include "core/store/keyring.h"

#include "core/base/encoding.h"
#include "core/base/random.h"
#include "core/store/paths.h"
#include "core/store/secure_file.h"

namespace twofactor {
namespace {

constexpr std::size_t kKeySize = 32;
constexpr unsigned kKeyMode = 0400;
constexpr std::string_view kRealmWord = "realm=";
constexpr std::string_view kActiveWord = "\nactive=";
constexpr std::size_t kKeyringSize =
    kRealmWord.size() + 32 + kActiveWord.size() + 16 + 1;

Result<void> WriteKeyring(int folder, const Realm& realm, const KeyId& active) {
  std::string text;
  text += kRealmWord;
  text += HexEncode(realm);
  text += kActiveWord;
  text += HexEncode(active);
  text += '\n';
  return ReplaceFileAt(folder, kKeyringName, AsBytes(text), kKeyMode);
}

bool ParseKeyring(std::string_view text, Realm& realm, KeyId& active) {
  if (text.size() != kKeyringSize || !text.starts_with(kRealmWord) ||
      text.back() != '\n')
    return false;
  text = text.substr(kRealmWord.size(), text.size() - kRealmWord.size() - 1);
  const std::string_view rest = text.substr(32);
  return HexDecode(text.substr(0, 32), realm) &&
         rest.starts_with(kActiveWord) &&
         HexDecode(rest.substr(kActiveWord.size()), active);
}

Result<KeyId> MakeKey(int keyring_folder) {
  ASSIGN_OR_RETURN(UniqueFd keys, MakeFolderAt(keyring_folder, kKeysFolder));
  KeyId id;
  RETURN_IF_ERROR(FillRandom(id));
  Key256 key;
  RETURN_IF_ERROR(FillRandom(key.ExposeMutable()));
  RETURN_IF_ERROR(
      ReplaceFileAt(keys.get(), HexEncode(id), key.Expose(), kKeyMode));
  return id;
}

// What is absent here is not "no such user" but "no store".
template <typename T>
Result<T> MissingMeansNoStore(Result<T> result) {
  if (!result && result.error().code == ErrorCode::kNotFound)
    return Fail(ErrorCode::kStoreMissing, result.error().context);
  return result;
}

}  // namespace

Result<void> Keyring::Create(const std::string& path) {
  ASSIGN_OR_RETURN(UniqueFd folder, MakeFolder(path));
  ASSIGN_OR_RETURN(const UniqueFd lock, LockFolder(folder.get()));
  ASSIGN_OR_RETURN(const bool exists, ExistsAt(folder.get(), kKeyringName));
  if (exists) return Fail(ErrorCode::kExists, path + " holds a keyring");
  Realm realm;
  RETURN_IF_ERROR(FillRandom(realm));
  ASSIGN_OR_RETURN(const KeyId id, MakeKey(folder.get()));
  return WriteKeyring(folder.get(), realm, id);
}

Result<Keyring> Keyring::Open(const std::string& path) {
  Keyring keyring;
  ASSIGN_OR_RETURN(keyring.folder_,
                   MissingMeansNoStore(OpenFolder(path, Privacy::kRootOnly)));
  RETURN_IF_ERROR(keyring.Reload());
  return keyring;
}

Result<void> Keyring::Reload() {
  ASSIGN_OR_RETURN(const Secret text, MissingMeansNoStore(ReadFileAt(
                                          folder_.get(), kKeyringName,
                                          kKeyringSize, Privacy::kRootOnly)));
  if (!ParseKeyring(AsText(text.Expose()), realm_, active_))
    return Fail(ErrorCode::kCorrupt, std::string("the ") + kKeyringName);
  return {};
}

Result<const Key256*> Keyring::Load(const KeyId& id) const {
  if (loaded_ && loaded_->id == id) return &loaded_->key;
  const std::string name = std::string(kKeysFolder) + "/" + HexEncode(id);
  ASSIGN_OR_RETURN(const Secret bytes,
                   MissingMeansNoStore(ReadFileAt(folder_.get(), name, kKeySize,
                                                  Privacy::kRootOnly)));
  if (bytes.size() != kKeySize)
    return Fail(ErrorCode::kCorrupt, name + " has not 32 bytes");
  loaded_ = std::make_unique<LoadedKey>();
  loaded_->id = id;
  std::memcpy(loaded_->key.ExposeMutable().data(), bytes.Expose().data(),
              kKeySize);
  return &loaded_->key;
}

Result<std::vector<KeyId>> Keyring::Keys() const {
  ASSIGN_OR_RETURN(UniqueFd folder,
                   MissingMeansNoStore(OpenFolderAt(folder_.get(), kKeysFolder,
                                                    Privacy::kRootOnly)));
  ASSIGN_OR_RETURN(const auto names, NamesIn(folder.get()));
  std::vector<KeyId> ids;
  for (const std::string& name : names) {
    KeyId id;
    if (HexDecode(name, id)) ids.push_back(id);
  }
  return ids;
}

Result<KeyId> Keyring::Rotate() {
  ASSIGN_OR_RETURN(const UniqueFd lock, LockFolder(folder_.get()));
  RETURN_IF_ERROR(Reload());
  ASSIGN_OR_RETURN(const KeyId id, MakeKey(folder_.get()));
  RETURN_IF_ERROR(WriteKeyring(folder_.get(), realm_, id));
  active_ = id;
  return id;
}

}  // namespace twofactor
