#include "vetset/package/allowed_signers.h"

#include <openssl/evp.h>

#include <algorithm>
#include <set>

#include "vetset/base/day.h"
#include "vetset/base/glob.h"
#include "vetset/base/unicode.h"
#include "vetset/package/ssh_wire.h"

namespace vetset {
namespace {

constexpr std::string_view krl_magic("SSHKRL\n\0", 8);
constexpr std::string_view blanks = " \t";

/// Calls `line(text, number)` for every line that says something.
template <class Line>
Result<void> for_lines(std::string_view text, const Line& line) {
  std::uint32_t number = 0;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    std::string_view one = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    ++number;
    one = one.substr(0, one.find_last_not_of(" \t\r") + 1);
    one.remove_prefix(std::min(one.find_first_not_of(blanks), one.size()));
    if (one.empty() || one.front() == '#') continue;
    if (auto done = line(one); !done) {
      Error error = std::move(done).error();
      error.line = number;
      return error;
    }
  }
  return {};
}

/// Takes the next word off a line; blanks within double quotes are part of it.
std::string_view take_word(std::string_view& line) {
  bool quoted = false;
  std::size_t end = 0;
  for (; end < line.size() && (quoted || blanks.find(line[end]) == std::string_view::npos); ++end)
    if (line[end] == '"') quoted = !quoted;
  const std::string_view word = line.substr(0, end);
  line.remove_prefix(std::min(line.find_first_not_of(blanks, end), line.size()));
  return word;
}

/// Whether one of the patterns of a list matches, and none that begins with "!" does.
bool in_list(std::string_view list, std::string_view text) {
  bool matched = false;
  while (!list.empty()) {
    std::string_view pattern = list.substr(0, list.find(','));
    list.remove_prefix(std::min(list.size(), pattern.size() + 1));
    const bool no = pattern.starts_with('!');
    if (no) pattern.remove_prefix(1);
    if (!glob_matches(pattern, text)) continue;
    if (no) return false;
    matched = true;
  }
  return matched;
}

/// "20260131", "202601311200", "20260131120000Z": its day, and whether it is a moment within it.
struct Moment {
  std::string day;
  bool within = false;
};
Result<Moment> moment_of(std::string_view text) {
  std::string_view digits = text;
  if (digits.ends_with('Z')) digits.remove_suffix(1);
  const bool numbers = digits.find_first_not_of("0123456789") == std::string_view::npos;
  if (numbers && (digits.size() == 8 || digits.size() == 12 || digits.size() == 14)) {
    Moment moment{.day = std::string(digits.substr(0, 4)) + "-" + std::string(digits.substr(4, 2)) + "-" +
                         std::string(digits.substr(6, 2))};
    moment.within = digits.substr(8).find_first_not_of('0') != std::string_view::npos;
    if (is_date(moment.day)) return moment;
  }
  return Error{Code::malformed, "expected a time such as 20260131 or 20260131120000Z, found '" + printable(text) + "'"};
}

/// What the options of a line say of its key. Nothing where the line is for other uses.
struct Options {
  std::string valid_from, valid_until;
  bool ours = true;
};
Result<Options> parse_options(std::string_view text) {
  Options options;
  while (!text.empty()) {
    bool quoted = false;
    std::size_t end = 0;
    for (; end < text.size() && (quoted || text[end] != ','); ++end)
      if (text[end] == '"') quoted = !quoted;
    const std::string_view option = text.substr(0, end);
    text.remove_prefix(std::min(text.size(), end + 1));
    const std::size_t equals = option.find('=');
    const std::string_view name = option.substr(0, equals);
    std::string_view value = equals == std::string_view::npos ? std::string_view() : option.substr(equals + 1);
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') value = value.substr(1, value.size() - 2);
    if (name == "namespaces") {
      options.ours = in_list(value, ssh_namespace);
    } else if (name == "valid-after") {
      VETSET_TRY(Moment moment, moment_of(value));
      options.valid_from = moment.within ? day_after(moment.day, 1) : std::move(moment.day);
    } else if (name == "valid-before") {
      VETSET_TRY(const Moment moment, moment_of(value));
      options.valid_until = day_after(moment.day, -1);  // of the day itself only a part would count
    } else if (name == "cert-authority") {
      return Error{Code::unsupported, "certificates are not read: name the keys themselves, or leave the line out"};
    } else {
      return Error{Code::malformed,
                   "expected namespaces=, valid-after= or valid-before=, found '" + printable(option) + "'"};
    }
  }
  return options;
}

bool is_key_type(std::string_view word) {
  return word.starts_with("ssh-") || word.starts_with("ecdsa-sha2-") || word.starts_with("sk-");
}

/// Keys that a revocation list names, by what it names them by.
struct Revoked {
  std::set<std::string, std::less<>> fingerprints;  // "SHA256:…"
  std::set<std::string, std::less<>> blobs, sha1;
};

Result<Revoked> parse_krl(std::string_view bytes) {
  SshReader in(bytes);
  in.take(krl_magic.size());
  if (const std::uint32_t version = in.number(); version != 1)
    return Error{Code::unsupported, "is a revocation list of version " + std::to_string(version) + ", expected 1"};
  in.take(3 * 8);  // its number, when it was made, flags
  in.text();
  in.text();  // reserved, a comment
  Revoked revoked;
  while (!in.failed() && !in.done()) {
    const std::string_view type = in.take(1);
    SshReader section(in.text());
    if (in.failed()) break;
    switch (type.front()) {
      case 1: break;  // certificates
      case 2:
        while (!section.done() && !section.failed()) revoked.blobs.emplace(section.text());
        break;
      case 3:
        while (!section.done() && !section.failed()) revoked.sha1.emplace(section.text());
        break;
      case 5:
        while (!section.done() && !section.failed()) revoked.fingerprints.insert(ssh_fingerprint(section.text()));
        break;
      case 4: break;  // a signature, which OpenSSH does not read either
      default:
        return Error{Code::unsupported, "the revocation list has a section of kind " +
                                            std::to_string(static_cast<unsigned char>(type.front())) +
                                            ", which is not read here"};
    }
    if (section.failed()) return Error{Code::malformed, "the revocation list is not whole"};
  }
  if (in.failed()) return Error{Code::malformed, "the revocation list is not whole"};
  return revoked;
}

std::string sha1_of(std::string_view bytes) {
  unsigned char out[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), out, &size, EVP_sha1(), nullptr) != 1) return {};
  return {reinterpret_cast<const char*>(out), size};
}

}  // namespace

Result<std::vector<AllowedSigner>> parse_allowed_signers(std::string_view text) {
  std::vector<AllowedSigner> signers;
  VETSET_DO(for_lines(text, [&](std::string_view line) -> Result<void> {
    const std::string_view principals = take_word(line);
    std::string_view word = take_word(line);
    Options options;
    if (!is_key_type(word)) {
      VETSET_TRY(options, parse_options(word));
      word = take_word(line);
    }
    if (word.empty()) return Error{Code::malformed, "expected names, a key's type and the key"};
    if (!options.ours) return {};
    VETSET_TRY(SshKey key, parse_ssh_key(word, take_word(line)));
    signers.push_back({.key = std::move(key),
                       .principals = std::string(principals),
                       .valid_from = std::move(options.valid_from),
                       .valid_until = std::move(options.valid_until)});
    return {};
  }));
  if (signers.empty())
    return Error{Code::malformed, "names no key that may sign packages (namespace " + std::string(ssh_namespace) + ")"};
  return signers;
}

Result<void> revoke(std::vector<AllowedSigner>& signers, std::string_view list) {
  Revoked revoked;
  if (list.starts_with(krl_magic)) {
    VETSET_TRY(revoked, parse_krl(list));
  } else {
    VETSET_DO(for_lines(list, [&](std::string_view line) -> Result<void> {
      const std::string_view type = take_word(line);
      VETSET_TRY(SshKey key, parse_ssh_key(type, take_word(line)));
      revoked.blobs.insert(std::move(key.blob));
      return {};
    }));
  }
  for (AllowedSigner& signer : signers)
    signer.revoked = signer.revoked || revoked.fingerprints.contains(signer.key.fingerprint) ||
                     revoked.blobs.contains(signer.key.blob) || revoked.sha1.contains(sha1_of(signer.key.blob));
  return {};
}

}  // namespace vetset
