#include "vetset/package/sign.h"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <memory>

#include "vetset/base/base64.h"
#include "vetset/base/json.h"

namespace vetset {
namespace {

constexpr std::string_view in_toto = "application/vnd.in-toto+json";
constexpr std::string_view bundle_type = "application/vnd.dev.sigstore.bundle.v0.3+json";
constexpr std::size_t bundle_limit = 64U << 20;  // bytes, package.md S8
constexpr std::size_t signature_limit = 64;

struct Free {
  void operator()(EVP_PKEY* p) const { EVP_PKEY_free(p); }
  void operator()(EVP_MD_CTX* p) const { EVP_MD_CTX_free(p); }
  void operator()(BIO* p) const { BIO_free(p); }
};
using Key = std::unique_ptr<EVP_PKEY, Free>;
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

bool is_p256(EVP_PKEY* key) {
  char group[64] = {};
  return EVP_PKEY_is_a(key, "EC") == 1 && EVP_PKEY_get_group_name(key, group, sizeof group, nullptr) == 1 &&
         std::string_view(group) == "prime256v1";
}

/// Gives the passphrase to OpenSSL, and nothing where there is none, so that it never asks by itself.
int give_passphrase(char* buffer, int size, int, void* passphrase) {
  const auto& text = *static_cast<std::string_view*>(passphrase);
  if (text.empty() || text.size() > static_cast<std::size_t>(size)) return -1;
  text.copy(buffer, text.size());
  return static_cast<int>(text.size());
}

PublicKey public_key_of(EVP_PKEY* key) {
  const Bio out(BIO_new(BIO_s_mem()));
  PEM_write_bio_PUBKEY(out.get(), key);
  std::string pem = text_of(out.get());
  std::string hint = sha256(pem).hex();
  return {std::move(pem), std::move(hint)};
}

/// What DSSE signs: "DSSEv1" and the lengths, so that type and payload cannot be mistaken for each other.
std::string pre_authentication(std::string_view type, std::string_view payload) {
  return "DSSEv1 " + std::to_string(type.size()) + " " + std::string(type) + " " + std::to_string(payload.size()) +
         " " + std::string(payload);
}

std::string statement_json(const Statement& s) {
  std::string out;
  JsonWriter w(out);
  w.begin_object().key("_type").value("https://in-toto.io/Statement/v1").key("predicate").raw(s.predicate);
  w.key("predicateType").value(s.predicate_type).key("subject").begin_array().begin_object();
  w.key("digest").begin_object().key("sha256").value(s.subject.hex()).end_object().key("name").value(s.subject_name);
  w.end_object().end_array().end_object();
  return out;
}

Result<Statement> parse_statement(std::string_view payload) {
  VETSET_TRY(const Json json, Json::parse(payload));
  if (json.text_or("_type", "") != "https://in-toto.io/Statement/v1")
    return Error{Code::malformed, "E_PREDICATE expected an in-toto Statement v1"};
  Statement s;
  s.predicate_type = json.text_or("predicateType", "");
  const Json* subjects = json.find("subject");
  if (subjects == nullptr || subjects->elements().size() != 1)
    return Error{Code::malformed, "E_PREDICATE expected one subject"};
  const Json& subject = subjects->elements().front();
  s.subject_name = subject.text_or("name", "");
  const Json* digest = subject.find("digest");
  if (digest == nullptr) return Error{Code::malformed, "E_PREDICATE expected a digest of the subject"};
  VETSET_TRY(s.subject, parse_digest(digest->text_or("sha256", "")));
  JsonCursor cursor(payload);
  for (cursor.enter_object(); cursor.next_member();) {
    const bool wanted = cursor.key() == "predicate";
    const std::string_view value = cursor.skip();
    if (wanted) s.predicate = value;
  }
  return s;
}

}  // namespace

Result<PublicKey> read_public_key(std::string_view pem) {
  const Bio bio = reader(pem);
  const Key key(PEM_read_bio_PUBKEY(bio.get(), nullptr, nullptr, nullptr));
  if (!key) return openssl_error(Code::malformed, "expected a public key in PEM");
  if (!is_p256(key.get())) return Error{Code::unsupported, "expected a P-256 key"};
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

Result<SignedBundle> sign_statement(const Statement& statement, std::string_view private_pem,
                                    std::string_view passphrase) {
  const Bio bio = reader(private_pem);
  const Key key(PEM_read_bio_PrivateKey(bio.get(), nullptr, give_passphrase, &passphrase));
  if (!key)
    return openssl_error(Code::malformed, passphrase.empty() ? "expected a private key in PEM that needs no passphrase"
                                                             : "the passphrase does not open the private key");
  if (!is_p256(key.get())) return Error{Code::unsupported, "expected a P-256 key"};

  const std::string payload = statement_json(statement);
  const std::string message = pre_authentication(in_toto, payload);
  const std::unique_ptr<EVP_MD_CTX, Free> context(EVP_MD_CTX_new());
  std::size_t size = 0;
  const auto* bytes = reinterpret_cast<const unsigned char*>(message.data());
  if (EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()) != 1 ||
      EVP_DigestSign(context.get(), nullptr, &size, bytes, message.size()) != 1)
    return openssl_error(Code::io, "could not sign");
  std::string signature(size, '\0');
  if (EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size, bytes, message.size()) !=
      1)
    return openssl_error(Code::io, "could not sign");
  signature.resize(size);

  const PublicKey public_key = public_key_of(key.get());
  std::string out;
  JsonWriter w(out);
  w.begin_object()
      .key("dsseEnvelope")
      .begin_object()
      .key("payload")
      .value(base64(payload))
      .key("payloadType")
      .value(in_toto);
  w.key("signatures")
      .begin_array()
      .begin_object()
      .key("sig")
      .value(base64(signature))
      .end_object()
      .end_array()
      .end_object();
  w.key("mediaType").value(bundle_type).key("verificationMaterial").begin_object();
  w.key("publicKey").begin_object().key("hint").value(public_key.hint).end_object().end_object().end_object();
  return SignedBundle{std::move(out), public_key.hint};
}

Result<Bundle> parse_bundle(std::string_view text) {
  if (text.size() > bundle_limit) return Error{Code::limit, "E_BUNDLE_LIMIT expected at most 64 MiB"};
  VETSET_TRY(const Json json, Json::parse(text));
  if (!json.text_or("mediaType", "").starts_with("application/vnd.dev.sigstore.bundle"))
    return Error{Code::malformed, "E_ATTEST_FOREIGN expected a Sigstore bundle"};
  const Json* envelope = json.find("dsseEnvelope");
  if (envelope == nullptr) return Error{Code::malformed, "E_ATTEST_FOREIGN expected a DSSE envelope"};
  Bundle bundle;
  bundle.payload_type = envelope->text_or("payloadType", "");
  if (bundle.payload_type != in_toto)
    return Error{Code::malformed, "E_SIG expected a payload of type " + std::string(in_toto)};
  VETSET_TRY(bundle.payload, parse_base64(envelope->text_or("payload", "")));
  const Json* signatures = envelope->find("signatures");
  if (signatures == nullptr || signatures->elements().empty())
    return Error{Code::malformed, "E_SIG expected a signature"};
  if (signatures->elements().size() > signature_limit)
    return Error{Code::limit, "E_BUNDLE_LIMIT expected at most 64 signatures"};
  for (const Json& s : signatures->elements()) {
    VETSET_TRY(std::string der, parse_base64(s.text_or("sig", "")));
    bundle.signatures.push_back(std::move(der));
  }
  if (const Json* material = json.find("verificationMaterial"))
    if (const Json* key = material->find("publicKey")) bundle.hint = key->text_or("hint", "");
  VETSET_TRY(bundle.statement, parse_statement(bundle.payload));
  return bundle;
}

bool signed_by(const Bundle& bundle, const PublicKey& public_key) {
  const Bio bio = reader(public_key.pem);
  const Key key(PEM_read_bio_PUBKEY(bio.get(), nullptr, nullptr, nullptr));
  if (!key) return false;
  const std::string message = pre_authentication(bundle.payload_type, bundle.payload);
  for (const std::string& signature : bundle.signatures) {
    const std::unique_ptr<EVP_MD_CTX, Free> context(EVP_MD_CTX_new());
    const bool good =
        EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()) == 1 &&
        EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(signature.data()), signature.size(),
                         reinterpret_cast<const unsigned char*>(message.data()), message.size()) == 1;
    ERR_clear_error();
    if (good) return true;
  }
  return false;
}

}  // namespace vetset
