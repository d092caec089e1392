#include "vetset/package/ssh_signature.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include <memory>
#include <optional>
#include <utility>

#include "vetset/base/base64.h"
#include "vetset/base/digest.h"
#include "vetset/package/ssh_wire.h"

namespace vetset {
namespace {

constexpr std::string_view armour_begin = "-----BEGIN SSH SIGNATURE-----", armour_end = "-----END SSH SIGNATURE-----";
constexpr std::size_t most_bytes = 64 * 1024;
constexpr int least_rsa_bits = 2048;

struct Free {
  void operator()(EVP_PKEY* p) const { EVP_PKEY_free(p); }
  void operator()(EVP_PKEY_CTX* p) const { EVP_PKEY_CTX_free(p); }
  void operator()(EVP_MD_CTX* p) const { EVP_MD_CTX_free(p); }
  void operator()(OSSL_PARAM_BLD* p) const { OSSL_PARAM_BLD_free(p); }
  void operator()(OSSL_PARAM* p) const { OSSL_PARAM_free(p); }
  void operator()(BIGNUM* p) const { BN_free(p); }
  void operator()(ECDSA_SIG* p) const { ECDSA_SIG_free(p); }
};
template <class T>
using Owned = std::unique_ptr<T, Free>;

const unsigned char* octets(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

/// An ECDSA key of SSH: its type, the curve as SSH and as OpenSSL call it, and the hash that belongs to it.
struct Curve {
  std::string_view type, name;
  const char* group;
  const EVP_MD* (*hash)();
};
constexpr Curve curves[] = {{"ecdsa-sha2-nistp256", "nistp256", "prime256v1", EVP_sha256},
                            {"ecdsa-sha2-nistp384", "nistp384", "secp384r1", EVP_sha384},
                            {"ecdsa-sha2-nistp521", "nistp521", "secp521r1", EVP_sha512}};
const Curve* find_curve(std::string_view type) {
  for (const Curve& curve : curves)
    if (curve.type == type) return &curve;
  return nullptr;
}

Owned<BIGNUM> number_of(std::string_view bytes) {
  return Owned<BIGNUM>(BN_bin2bn(octets(bytes), static_cast<int>(bytes.size()), nullptr));
}

Owned<EVP_PKEY> key_from(const char* kind, OSSL_PARAM_BLD* builder) {
  const Owned<OSSL_PARAM> parameters(OSSL_PARAM_BLD_to_param(builder));
  const Owned<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new_from_name(nullptr, kind, nullptr));
  EVP_PKEY* key = nullptr;
  if (!parameters || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1)
    return {};
  return Owned<EVP_PKEY>(key);
}

/// The key that a blob spells; null where it spells none that is taken here.
Owned<EVP_PKEY> open_key(std::string_view blob) {
  SshReader in(blob);
  const std::string_view type = in.text();
  if (type == "ssh-ed25519") {
    const std::string_view raw = in.text();
    if (!in.done() || raw.size() != 32) return {};
    return Owned<EVP_PKEY>(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, octets(raw), raw.size()));
  }
  const Owned<OSSL_PARAM_BLD> builder(OSSL_PARAM_BLD_new());
  if (const Curve* const curve = find_curve(type)) {
    const std::string_view name = in.text(), point = in.text();
    if (!in.done() || name != curve->name) return {};
    OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, curve->group, 0);
    OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size());
    return key_from("EC", builder.get());
  }
  if (type == "ssh-rsa") {
    const Owned<BIGNUM> e = number_of(in.text()), n = number_of(in.text());
    if (!in.done() || !e || !n || BN_num_bits(n.get()) < least_rsa_bits) return {};
    OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get());
    OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get());
    return key_from("RSA", builder.get());
  }
  return {};
}

Result<SshKey> key_of(std::string_view blob) {
  SshReader in(blob);
  const std::string_view type = in.text();
  const bool known = type == "ssh-ed25519" || type == "ssh-rsa" || find_curve(type) != nullptr;
  const Owned<EVP_PKEY> key = known ? open_key(blob) : nullptr;
  ERR_clear_error();
  if (!key)
    return Error{known ? Code::malformed : Code::unsupported,
                 known
                     ? "is no whole " + std::string(type) + " key" + (type == "ssh-rsa" ? " of 2,048 bits or more" : "")
                     : "expected a key of type ssh-ed25519, ecdsa-sha2-nistp256, -384 or -521, or ssh-rsa"};
  const Digest digest = sha256(blob);
  std::string fingerprint = ssh_fingerprint({reinterpret_cast<const char*>(digest.bytes.data()), digest.bytes.size()});
  return SshKey{.blob = std::string(blob), .type = std::string(type), .fingerprint = std::move(fingerprint)};
}

Error broken(std::string_view why) {
  return Error{Code::malformed, "E_ATTEST_FOREIGN is no SSH signature: " + std::string(why)};
}

std::string hash_of(std::string_view message, const EVP_MD* kind) {
  unsigned char out[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  if (EVP_Digest(message.data(), message.size(), out, &size, kind, nullptr) != 1) return {};
  return {reinterpret_cast<const char*>(out), size};
}

/// An ECDSA signature as OpenSSL takes it, of the two numbers that SSH writes.
std::string der_of(std::string_view value) {
  SshReader in(value);
  Owned<BIGNUM> r = number_of(in.text()), s = number_of(in.text());
  const Owned<ECDSA_SIG> pair(ECDSA_SIG_new());
  if (!in.done() || !r || !s || ECDSA_SIG_set0(pair.get(), r.get(), s.get()) != 1) return {};
  [[maybe_unused]] BIGNUM* const taken[] = {r.release(), s.release()};
  unsigned char* out = nullptr;
  const int size = i2d_ECDSA_SIG(pair.get(), &out);
  std::string der = size > 0 ? std::string(reinterpret_cast<const char*>(out), static_cast<std::size_t>(size)) : "";
  OPENSSL_free(out);
  return der;
}

/// The hash of an algorithm, null for Ed25519, which has none; nothing where the key cannot make such a signature.
std::optional<const EVP_MD*> hash_for(const SshSignature& s) {
  if (s.key.type == "ssh-rsa") {
    if (s.algorithm == "rsa-sha2-512") return EVP_sha512();
    if (s.algorithm == "rsa-sha2-256") return EVP_sha256();
    return std::nullopt;  // "ssh-rsa" is SHA-1
  }
  if (s.algorithm != s.key.type) return std::nullopt;
  const Curve* const curve = find_curve(s.key.type);
  return curve == nullptr ? nullptr : curve->hash();
}

}  // namespace

std::string ssh_fingerprint(std::string_view sha256) {
  std::string text = "SHA256:" + base64(sha256);
  while (text.ends_with('=')) text.pop_back();
  return text;
}

Result<SshKey> parse_ssh_key(std::string_view type, std::string_view text) {
  const auto blob = parse_base64(text);
  if (!blob) return Error{Code::malformed, "expected a key in base64 after its type"};
  VETSET_TRY(SshKey key, key_of(*blob));
  if (key.type != type)
    return Error{Code::malformed, "says that it is of type " + std::string(type) + ", and is " + key.type};
  return key;
}

Result<SshSignature> parse_ssh_signature(std::string_view armored) {
  if (armored.size() > most_bytes) return Error{Code::limit, "E_BUNDLE_LIMIT is larger than 64 KiB"};
  const std::size_t begin = armored.find(armour_begin);
  const std::size_t end = armored.find(armour_end, begin == std::string_view::npos ? 0 : begin);
  if (begin != 0 || end == std::string_view::npos)
    return broken("expected its lines between " + std::string(armour_begin) + " and " + std::string(armour_end));
  std::string text;
  for (const char c : armored.substr(armour_begin.size(), end - armour_begin.size()))
    if (c != '\n' && c != '\r') text += c;
  const auto bytes = parse_base64(text);
  if (!bytes) return broken("expected base64 in its lines");
  SshReader in(*bytes);
  if (in.take(6) != "SSHSIG") return broken("expected it to begin with SSHSIG");
  if (const std::uint32_t version = in.number(); version != 1)
    return Error{Code::unsupported,
                 "E_ATTEST_FOREIGN is an SSH signature of version " + std::to_string(version) + ", expected 1"};
  SshSignature s;
  const std::string_view blob = in.text();
  s.name_space = in.text();
  [[maybe_unused]] const std::string_view reserved = in.text();
  s.hash = in.text();
  SshReader value(in.text());
  if (!in.done()) return broken("it ends early, or bytes follow it");
  s.algorithm = value.text();
  s.value = value.text();
  if (!value.done()) return broken("the signature in it is not whole");
  auto key = key_of(blob);
  if (!key) return Error{key.error().code, "E_ALG its key " + key.error().message};
  s.key = *std::move(key);
  if (s.hash != "sha512" && s.hash != "sha256")
    return Error{Code::unsupported, "E_ALG expected the hash sha512 or sha256, found another"};
  return s;
}

bool is_valid(const SshSignature& s, std::string_view message) {
  const std::optional<const EVP_MD*> hash = hash_for(s);
  const Owned<EVP_PKEY> key = open_key(s.key.blob);
  if (!hash || !key) {
    ERR_clear_error();
    return false;
  }
  std::string signed_text = "SSHSIG";
  add_ssh_text(signed_text, s.name_space);
  add_ssh_text(signed_text, "");
  add_ssh_text(signed_text, s.hash);
  add_ssh_text(signed_text, hash_of(message, s.hash == "sha512" ? EVP_sha512() : EVP_sha256()));
  const std::string value = find_curve(s.key.type) == nullptr ? s.value : der_of(s.value);
  const Owned<EVP_MD_CTX> context(EVP_MD_CTX_new());
  const bool good =
      EVP_DigestVerifyInit(context.get(), nullptr, *hash, nullptr, key.get()) == 1 &&
      EVP_DigestVerify(context.get(), octets(value), value.size(), octets(signed_text), signed_text.size()) == 1;
  ERR_clear_error();
  return good;
}

}  // namespace vetset
