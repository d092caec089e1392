// The fuzz target of packages: what somebody sends is taken apart as a verification does, and never more is believed of
// it than holds. A first byte says what the rest is: a manifest, a bundle, a trust policy, a tar archive, a Parquet
// file, or a package in one of them.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "vetset/formats/format.h"
#include "vetset/formats/vetset/vetset.h"
#include "vetset/package/manifest.h"
#include "vetset/package/path_rules.h"
#include "vetset/package/sign.h"
#include "vetset/package/trust_policy.h"
#include "vetset/package/verify.h"

namespace vetset {
namespace {

void hold(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "fuzz: %s\n", what);
  std::abort();
}

Limits small_limits() {
  Limits limits;
  limits.unpacked_bytes = 1 << 22;
  limits.members = 2000;
  return limits;
}

/// What is read is its own canonical form, and lists only what every system can hold.
void read_manifest(std::string_view bytes, Form form) {
  const auto parsed = parse_manifest(bytes, form);
  const auto* const m = std::get_if<Manifest>(&parsed);
  if (m == nullptr) return hold(std::get<ManifestProblem>(parsed).code.starts_with("E_"), "a problem without a code");
  const std::string written = to_json(*m);  // a role or a detail of the layout that is not known is left out
  const auto again = parse_manifest(written, form);
  const auto* const same = std::get_if<Manifest>(&again);
  hold(same != nullptr && to_json(*same) == written, "a manifest is not read as it was written");
  hold(same->dataset == m->dataset && same->unknown == m->unknown, "a manifest loses what it says");
  std::vector<std::string_view> paths;
  for (const ManifestFile& f : m->files) {
    hold(!package_path_problem(f.path), "a path that no package may list");
    hold(!is_own_path(form, f.path), "a path of the seal itself");
    paths.push_back(f.path);
  }
  hold(std::is_sorted(paths.begin(), paths.end()), "paths out of order");
  hold(!first_path_clash(paths), "paths that collide");
  [[maybe_unused]] const auto ids = ids_of(m->dataset);
}

const KeyPair& some_key() {
  static const KeyPair pair = *make_key("");
  return pair;
}

/// Whatever a bundle says, nobody signed it with a key that was made just now.
void read_bundle(std::string_view bytes) {
  const auto envelope = parse_envelope(bytes);
  if (!envelope) return;
  hold(signers_of(*envelope, std::vector{some_key().public_key}).empty(), "a signature of a fresh key");
  [[maybe_unused]] const auto statement = parse_statement(*envelope);
}

void read_policy(std::string_view bytes) {
  [[maybe_unused]] const auto policy = parse_trust_policy(bytes);
  hold(!open_trust_policy(bytes, std::vector{some_key().public_key}), "a policy signed by a fresh key");
}

void read_tar(std::string_view bytes) {
  const TreeOptions audit{.limits = small_limits(), .audit = true};
  const auto tree = open_tar_bytes(Bytes::from(std::string(bytes)), "fuzz.tar", audit);
  if (!tree) return;
  for (const std::string_view path : (*tree)->list()) {
    hold(!path_problem(path), "a member's name that leaves the archive");
    const auto whole = (*tree)->read(path);
    hold(whole && whole->size() == *(*tree)->size(path), "a member that is not as long as it says");
  }
}

void read_parquet(std::string_view bytes) {
  static constexpr std::string_view tables[] = {"samples", "annotations", "categories", "dataset"};
  MemoryTree tree;
  for (const std::string_view table : tables) tree.replace(package_table_path(table), bytes);
  [[maybe_unused]] const auto read = find_format("vetset")->read(tree, {.limits = small_limits()});
}

/// The attacker has everything but the key.
void verify_anything(const Tree& tree) {
  const auto v = verify_package(tree, {.keys = {some_key().public_key}}, Pool(1), {});
  if (!v) return;
  hold(v->verdict != Verification::Verdict::verified, "a package is verified by a fresh key");
  hold(v->verdict != Verification::Verdict::intact, "a package is intact though a key was asked for");
  hold(std::is_sorted(v->lines.begin(), v->lines.end(),
                      [](const VerifyLine& a, const VerifyLine& b) { return a.level < b.level; }),
       "lines out of order");
}

void run(std::uint8_t pick, std::string_view bytes) {
  switch (pick % 7) {
    case 0: return read_manifest(bytes, Form::directory);
    case 1: return read_manifest(bytes, Form::sealed);
    case 2: return read_bundle(bytes);
    case 3: return read_policy(bytes);
    case 4: return read_tar(bytes);
    case 5: return read_parquet(bytes);
    default: break;
  }
  const auto tree = open_tar_bytes(Bytes::from(std::string(bytes)), "fuzz.tar",
                                   {.limits = small_limits(), .step_in = true, .audit = true});
  if (tree) verify_anything(**tree);
}

}  // namespace
}  // namespace vetset

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  vetset::run(data[0], {reinterpret_cast<const char*>(data) + 1, size - 1});
  return 0;
}
