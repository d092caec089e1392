// Bundles as text: the DSSE envelope in a Sigstore bundle, and the in-toto statement in the envelope.
#include <algorithm>

#include "vetset/base/base64.h"
#include "vetset/base/unicode.h"
#include "vetset/package/attestation.h"
#include "vetset/package/plain_json.h"
#include "vetset/package/pre_authentication.h"
#include "vetset/package/sign.h"

namespace vetset {
namespace {

constexpr std::string_view statement_type = "https://in-toto.io/Statement/v1";
constexpr std::string_view older_statement_type = "https://in-toto.io/Statement/v0.1";  // cosign writes it
constexpr std::string_view bundle_type = "application/vnd.dev.sigstore.bundle.v0.3+json";
constexpr std::string_view known_bundle_types[] = {bundle_type, "application/vnd.dev.sigstore.bundle+json;version=0.3",
                                                   "application/vnd.dev.sigstore.bundle+json;version=0.2",
                                                   "application/vnd.dev.sigstore.bundle+json;version=0.1"};
constexpr std::size_t bundle_limit = 64U << 20;  // bytes
constexpr std::size_t signature_limit = 64;

std::string statement_json(const Statement& s) {
  std::string out;
  JsonWriter w(out);
  w.begin_object().key("_type").value(statement_type).key("predicate").raw(s.predicate);
  w.key("predicateType").value(s.predicate_type).key("subject").begin_array().begin_object();
  w.key("digest").begin_object().key("sha256").value(s.subject.hex()).end_object().key("name").value(s.subject_name);
  w.end_object().end_array().end_object();
  return out;
}

Error coded(std::string_view code, Error error) {
  error.message = std::string(code) + " " + to_string(error);
  return error;
}

/// The text of the string that comes next, or nothing and an error that is remembered.
std::string text_next(JsonCursor& in, const char* expected) {
  if (in.type() == JsonType::string) return std::string(in.read_string());
  in.fail(expected);
  return {};
}

/// The one subject of a statement.
Result<void> take_subject(JsonCursor& in, Statement& s) {
  std::size_t subjects = 0;
  std::string sha256;
  for (in.enter_array(); in.next_element();) {
    ++subjects;
    for (in.enter_object(); in.next_member();) {
      if (in.key() == "name") {
        s.subject_name = text_next(in, "expected a name");
      } else if (in.key() == "digest") {
        for (in.enter_object(); in.next_member();) {
          if (in.key() == "sha256")
            sha256 = text_next(in, "expected a digest");
          else
            in.skip();
        }
      } else {
        in.skip();
      }
    }
  }
  if (in.failed()) return {};
  if (subjects != 1)
    return Error{Code::malformed, "E_PREDICATE expected one subject, found " + std::to_string(subjects)};
  if (sha256.empty()) return Error{Code::unsupported, "E_ALG expected a SHA-256 digest of the subject"};
  auto digest = parse_digest(sha256);
  if (!digest) return coded("E_PREDICATE", digest.error());
  s.subject = *digest;
  return {};
}

}  // namespace

std::string pre_authentication(std::string_view type, std::string_view payload) {
  std::string out = "DSSEv1 " + std::to_string(type.size()) + " ";
  out.append(type).append(" ").append(std::to_string(payload.size())).append(" ").append(payload);
  return out;
}

Result<SignedBundle> sign_payload(std::string_view type, std::string_view payload, std::string_view private_pem,
                                  std::string_view passphrase) {
  VETSET_TRY(const Signature made, sign_bytes(pre_authentication(type, payload), private_pem, passphrase));
  std::string out;
  JsonWriter w(out);
  w.begin_object().key("dsseEnvelope").begin_object().key("payload").value(base64(payload));
  w.key("payloadType").value(type).key("signatures").begin_array().begin_object().key("sig").value(base64(made.der));
  w.end_object().end_array().end_object();
  w.key("mediaType").value(bundle_type).key("verificationMaterial").begin_object();
  w.key("publicKey").begin_object().key("hint").value(made.by.hint).end_object().end_object().end_object();
  return SignedBundle{std::move(out), made.by.hint};
}

Result<SignedBundle> sign_statement(const Statement& statement, std::string_view private_pem,
                                    std::string_view passphrase) {
  return sign_payload(statement_payload, statement_json(statement), private_pem, passphrase);
}

Result<Envelope> parse_envelope(std::string_view text) {
  if (text.size() > bundle_limit)
    return Error{Code::limit,
                 "E_BUNDLE_LIMIT expected at most 64 MiB, found " + std::to_string(text.size()) + " bytes"};
  auto parsed = parse_plain_json(text);
  if (!parsed) return coded("E_ATTEST_FOREIGN", parsed.error());
  const Json& json = *parsed;
  if (std::find(std::begin(known_bundle_types), std::end(known_bundle_types), json.text_or("mediaType", "")) ==
      std::end(known_bundle_types))
    return Error{Code::malformed, "E_ATTEST_FOREIGN expected a Sigstore bundle"};
  const Json* envelope = json.find("dsseEnvelope");
  if (envelope == nullptr || envelope->type() != JsonType::object)
    return Error{Code::malformed, "E_ATTEST_FOREIGN expected a DSSE envelope"};
  Envelope out;
  out.payload_type = envelope->text_or("payloadType", "");
  auto payload = parse_base64(envelope->text_or("payload", ""));
  if (!payload) return coded("E_SIG", payload.error());
  out.payload = *std::move(payload);
  const Json* signatures = envelope->find("signatures");
  if (signatures == nullptr || signatures->elements().empty())
    return Error{Code::malformed, "E_SIG expected a signature"};
  if (signatures->elements().size() > signature_limit)
    return Error{Code::limit, "E_BUNDLE_LIMIT expected at most 64 signatures, found " +
                                  std::to_string(signatures->elements().size())};
  for (const Json& s : signatures->elements()) {
    auto der = parse_base64(s.text_or("sig", ""));
    if (!der) return coded("E_SIG", der.error());
    out.signatures.push_back(*std::move(der));
  }
  if (const Json* material = json.find("verificationMaterial")) {
    if (const Json* key = material->find("publicKey")) out.hint = key->text_or("hint", "");
    out.by_certificate = material->find("certificate") != nullptr || material->find("x509CertificateChain") != nullptr;
  }
  return out;
}

Result<Statement> parse_statement(const Envelope& envelope) {
  if (envelope.payload_type != statement_payload)
    return Error{Code::malformed, "E_SIG expected a payload of type " + std::string(statement_payload) + ", found '" +
                                      printable(envelope.payload_type) + "'"};
  const std::string_view text = envelope.payload;
  if (auto plain = check_plain_json(text); !plain) return coded("E_PREDICATE", plain.error());
  Statement s;
  std::string type;
  std::string_view predicate;
  bool subjects = false;
  JsonCursor in(text, plain_depth);
  for (in.enter_object(); in.next_member();) {
    if (in.key() == "_type") {
      type = text_next(in, "expected a text");
    } else if (in.key() == "predicateType") {
      s.predicate_type = text_next(in, "expected a text");
    } else if (in.key() == "predicate") {
      predicate = in.skip();
    } else if (in.key() == "subject") {
      subjects = true;
      VETSET_DO(take_subject(in, s));
    } else {
      in.skip();
    }
  }
  if (in.failed()) return Error{Code::malformed, "E_PREDICATE " + in.error_text()};
  if (type != statement_type && type != older_statement_type)
    return Error{Code::malformed, "E_PREDICATE expected an in-toto Statement v1"};
  if (!subjects) return Error{Code::malformed, "E_PREDICATE expected one subject, found none"};
  if (!predicate.starts_with('{')) return Error{Code::malformed, "E_PREDICATE expected a predicate, an object"};
  s.predicate = predicate;
  if (!kind_of(s.predicate_type).empty()) {
    auto canonical = canonical_json(predicate);
    if (!canonical) return coded("E_PREDICATE", canonical.error());
    s.predicate = *std::move(canonical);
  }
  return s;
}

Result<Bundle> parse_bundle(std::string_view json) {
  VETSET_TRY(Envelope envelope, parse_envelope(json));
  Bundle bundle{std::move(envelope), {}};
  VETSET_TRY(bundle.statement, parse_statement(bundle));
  return bundle;
}

bool hints_at(const Envelope& envelope, const PublicKey& key) {
  if (envelope.hint.empty()) return false;
  if (envelope.hint == key.hint) return true;
  // cosign's form: the base64 of the SHA-256 of the key's DER, which is what stands between the lines of the PEM.
  std::string body;
  for (std::size_t at = key.pem.find('\n') + 1; at < key.pem.size() && key.pem[at] != '-'; ++at)
    if (key.pem[at] != '\n') body += key.pem[at];
  const auto der = parse_base64(body);
  if (!der) return false;
  const Digest digest = sha256(*der);
  return envelope.hint == base64({reinterpret_cast<const char*>(digest.bytes.data()), digest.bytes.size()});
}

}  // namespace vetset
