#include "vetset/package/sign.h"

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <memory>

#include "vetset/package/pre_authentication.h"

namespace vetset {
namespace {

struct Free {
  void operator()(EVP_PKEY* p) const { EVP_PKEY_free(p); }
  void operator()(EVP_PKEY_CTX* p) const { EVP_PKEY_CTX_free(p); }
  void operator()(EVP_MD_CTX* p) const { EVP_MD_CTX_free(p); }
  void operator()(BIO* p) const { BIO_free(p); }
};
using Key = std::unique_ptr<EVP_PKEY, Free>;
using Context = std::unique_ptr<EVP_PKEY_CTX, Free>;
using Bio = std::unique_ptr<BIO, Free>;

Error openssl_error(Code code, std::string what) {
  char reason[256] = {};
  if (const unsigned long number = ERR_get_error(); number != 0) ERR_error_string_n(number, reason, sizeof reason);
  ERR_clear_error();
  return Error{code, reason[0] == '\0' ? std::move(what) : what + " (" + reason + ")"};
}

Bio reader(std::string_view text) { return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))); }

std::string text_of(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(size)};
}

/// "P-256", "P-384"; empty for every other key.
std::string_view curve_of(EVP_PKEY* key) {
  char group[64] = {};
  if (EVP_PKEY_is_a(key, "EC") != 1 || EVP_PKEY_get_group_name(key, group, sizeof group, nullptr) != 1) return {};
  if (std::string_view(group) == "prime256v1") return "P-256";
  return std::string_view(group) == "secp384r1" ? "P-384" : "";
}

/// Gives the passphrase to OpenSSL, and nothing where there is none, so that it never asks by itself.
int give_passphrase(char* buffer, int size, int, void* passphrase) {
  const auto& text = *static_cast<std::string_view*>(passphrase);
  if (text.empty() || text.size() > static_cast<std::size_t>(size)) return -1;
  text.copy(buffer, text.size());
  return static_cast<int>(text.size());
}

/// Spelled in the one way that keys are: a curve by its name, a point in full.
PublicKey public_key_of(EVP_PKEY* key) {
  EVP_PKEY_set_utf8_string_param(key, OSSL_PKEY_PARAM_EC_ENCODING, OSSL_PKEY_EC_ENCODING_GROUP);
  EVP_PKEY_set_utf8_string_param(key, OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT,
                                 OSSL_PKEY_EC_POINT_CONVERSION_FORMAT_UNCOMPRESSED);
  const Bio out(BIO_new(BIO_s_mem()));
  PEM_write_bio_PUBKEY(out.get(), key);
  std::string pem = text_of(out.get());
  std::string hint = sha256(pem).hex();
  return {std::move(pem), std::move(hint), curve_of(key)};
}

Result<Key> open_private(std::string_view pem, std::string_view passphrase) {
  if (pem.find("SIGSTORE PRIVATE KEY") != std::string_view::npos)
    return Error{Code::unsupported, "is a key in cosign's own encryption, which cosign alone opens; expected PKCS#8"};
  const Bio bio = reader(pem);
  Key key(PEM_read_bio_PrivateKey(bio.get(), nullptr, give_passphrase, &passphrase));
  if (!key)
    return openssl_error(Code::malformed, passphrase.empty() ? "expected a private key in PEM that needs no passphrase"
                                                             : "the passphrase does not open the private key");
  return key;
}

const unsigned char* octets(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

/// Whether `signature` is this key's over the digest of a message.
bool verifies(EVP_PKEY* key, std::string_view digest, std::string_view signature) {
  const Context context(EVP_PKEY_CTX_new(key, nullptr));
  const bool good =
      EVP_PKEY_verify_init(context.get()) == 1 &&
      EVP_PKEY_verify(context.get(), octets(signature), signature.size(), octets(digest), digest.size()) == 1;
  ERR_clear_error();
  return good;
}

std::string digest_of(std::string_view message, const EVP_MD* kind) {
  unsigned char out[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  if (EVP_Digest(message.data(), message.size(), out, &size, kind, nullptr) != 1) return {};
  return {reinterpret_cast<const char*>(out), size};
}

}  // namespace

Result<PublicKey> read_public_key(std::string_view pem) {
  const Bio bio = reader(pem);
  const Key key(PEM_read_bio_PUBKEY(bio.get(), nullptr, nullptr, nullptr));
  if (!key)
    return Error{Code::malformed, pem.find("PRIVATE KEY") != std::string_view::npos
                                      ? "is a private key; expected its public half, the file that ends in .pub"
                                      : "expected a public key in PEM ('vetset key new' writes one that ends in .pub)"};
  if (curve_of(key.get()).empty()) return Error{Code::unsupported, "expected a P-256 or P-384 key"};
  return public_key_of(key.get());
}

Result<KeyPair> make_key(std::string_view passphrase) {
  const Key key(EVP_EC_gen("P-256"));
  if (!key) return openssl_error(Code::io, "could not make a key");
  const Bio out(BIO_new(BIO_s_mem()));
  const EVP_CIPHER* cipher = passphrase.empty() ? nullptr : EVP_aes_256_cbc();
  if (PEM_write_bio_PKCS8PrivateKey(out.get(), key.get(), cipher, passphrase.empty() ? nullptr : passphrase.data(),
                                    static_cast<int>(passphrase.size()), nullptr, nullptr) != 1)
    return openssl_error(Code::io, "could not write the key");
  return KeyPair{text_of(out.get()), public_key_of(key.get())};
}

Result<KeyFacts> read_key(std::string_view pem, std::string_view passphrase) {
  KeyFacts facts;
  if (pem.find("PRIVATE KEY") == std::string_view::npos) {
    VETSET_TRY(facts.public_key, read_public_key(pem));
    return facts;
  }
  facts.is_private = true;
  facts.encrypted = pem.find("ENCRYPTED") != std::string_view::npos;
  if (facts.encrypted && passphrase.empty() && pem.find("SIGSTORE") == std::string_view::npos) return facts;
  VETSET_TRY(const Key key, open_private(pem, passphrase));
  if (curve_of(key.get()).empty()) return Error{Code::unsupported, "expected a P-256 or P-384 key"};
  facts.public_key = public_key_of(key.get());
  return facts;
}

Result<Signature> sign_bytes(std::string_view message, std::string_view private_pem, std::string_view passphrase) {
  VETSET_TRY(const Key key, open_private(private_pem, passphrase));
  if (curve_of(key.get()) != "P-256") return Error{Code::unsupported, "expected a P-256 key"};
  const std::unique_ptr<EVP_MD_CTX, Free> context(EVP_MD_CTX_new());
  std::size_t size = 0;
  if (EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()) != 1 ||
      EVP_DigestSign(context.get(), nullptr, &size, octets(message), message.size()) != 1)
    return openssl_error(Code::io, "could not sign");
  std::string der(size, '\0');
  if (EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(der.data()), &size, octets(message),
                     message.size()) != 1)
    return openssl_error(Code::io, "could not sign");
  der.resize(size);
  return Signature{std::move(der), public_key_of(key.get())};
}

std::vector<std::size_t> signers_of(const Envelope& envelope, std::span<const PublicKey> keys) {
  std::vector<std::size_t> signers;
  if (keys.empty()) return signers;
  const std::string message = pre_authentication(envelope.payload_type, envelope.payload);
  const std::string by_256 = digest_of(message, EVP_sha256());
  std::string by_384;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const Bio bio = reader(keys[i].pem);
    const Key key(PEM_read_bio_PUBKEY(bio.get(), nullptr, nullptr, nullptr));
    ERR_clear_error();
    if (!key) continue;
    const bool longer = curve_of(key.get()) == "P-384";
    if (longer && by_384.empty()) by_384 = digest_of(message, EVP_sha384());
    for (const std::string& signature : envelope.signatures) {
      if (!verifies(key.get(), longer ? by_384 : by_256, signature)) continue;
      signers.push_back(i);
      break;
    }
  }
  return signers;
}

bool signed_by(const Envelope& envelope, const PublicKey& key) { return !signers_of(envelope, {&key, 1}).empty(); }

}  // namespace vetset
