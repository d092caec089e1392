// The tamper battery of package.md §3.15, as far as a sealed folder can express it: each attack is named by a line with
// its code, and the clean folder still passes.
#include <doctest/doctest.h>

#include <algorithm>
#include <functional>

#include "vetset/formats/format.h"
#include "vetset/package/listed_tree.h"
#include "vetset/package/seal.h"
#include "vetset/package/verify.h"

using namespace vetset;

namespace {

constexpr std::string_view labels =
    R"({"images":[{"id":1,"file_name":"a.jpg","width":10,"height":10},{"id":2,"file_name":"b.jpg","width":10,"height":10}],)"
    R"("annotations":[{"id":1,"image_id":1,"category_id":1,"bbox":[1,2,3,4],"area":12,"iscrowd":0}],)"
    R"("categories":[{"id":1,"name":"car"}]})";
constexpr std::string_view bundle_path = ".vetset/attest/package.sigstore.json";

KeyPair key() {
  static const KeyPair pair = *make_key("");
  return pair;
}

std::string read(const MemoryTree& tree, std::string_view path) { return std::string(tree.read(path)->text()); }

/// A small dataset's folder, sealed and signed.
MemoryTree sealed(const KeyPair& signer = key(), std::string_view document = labels) {
  MemoryTree tree{{"instances.json", std::string(document)},
                  {"images/a.jpg", "pixels of a"},
                  {"images/b.jpg", "pixels of b"},
                  {"README.md", "hello"}};
  const ListedTree listed(tree, sealed_paths(tree));
  const auto reading = find_format("coco")->read(listed, {.probe_images = false});
  REQUIRE(reading);
  const auto seal = make_seal(
      listed, reading->dataset, "coco",
      {.name = "street", .version = "1.0.0", .private_pem = signer.private_pem, .writer = "vetset test"}, Pool(1), {});
  REQUIRE(seal);
  REQUIRE(tree.write(manifest_path, seal->manifest_json));
  REQUIRE(tree.write(bundle_path, seal->bundle->json));
  return tree;
}

Verification verified(const MemoryTree& tree, std::vector<PublicKey> keys = {key().public_key}) {
  auto v = verify_package(tree, {.keys = std::move(keys)}, Pool(2), {});
  REQUIRE(v);
  return *std::move(v);
}

/// Whether some line says this code about this file.
bool says(const Verification& v, std::string_view code, std::string_view where = {}) {
  return std::any_of(v.lines.begin(), v.lines.end(),
                     [&](const VerifyLine& l) { return l.code == code && (where.empty() || l.where == where); });
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

using Trust = Verification::Verdict;

}  // namespace

TEST_CASE("a clean folder is intact, and verified only with a key") {
  const MemoryTree tree = sealed();
  CHECK(verified(tree, {}).verdict == Trust::intact);
  const Verification v = verified(tree);
  CHECK(v.verdict == Trust::verified);
  CHECK(v.signers == std::vector{key().public_key.hint});
  CHECK(v.files == 4);
  CHECK_FALSE(v.not_checked.empty());
}

TEST_CASE("T01 one changed byte in an image") {
  MemoryTree tree = sealed();
  tree.replace("images/a.jpg", "pixels of A");
  const Verification v = verified(tree);
  CHECK(v.verdict == Trust::broken);
  CHECK(says(v, "E_DIGEST", "images/a.jpg"));
  CHECK_FALSE(says(v, "E_DIGEST", "images/b.jpg"));
}

TEST_CASE("T03, T04 another size") {
  MemoryTree tree = sealed();
  tree.replace("images/a.jpg", "pixels of a!");
  CHECK(says(verified(tree), "E_SIZE", "images/a.jpg"));
  tree.replace("images/a.jpg", "pix");
  CHECK(says(verified(tree), "E_SIZE", "images/a.jpg"));
}

TEST_CASE("T05, T06 a file less, a file more") {
  MemoryTree tree = sealed();
  tree.remove("images/b.jpg");
  tree.replace("images/c.jpg", "something else");
  const Verification v = verified(tree);
  CHECK(says(v, "E_MISSING", "images/b.jpg"));
  CHECK(says(v, "E_EXTRA", "images/c.jpg"));
}

TEST_CASE("T07 a hook is extra, what a trainer leaves behind is litter with its maker") {
  MemoryTree tree = sealed();
  tree.replace("labels/train.cache", "x");
  Verification v = verified(tree);
  CHECK(v.verdict == Trust::verified);
  REQUIRE(says(v, "W_LITTER", "labels/train.cache"));
  for (const VerifyLine& l : v.lines)
    if (l.code == "W_LITTER") CHECK(l.words.starts_with("maker=Ultralytics"));
  tree.replace(".git/hooks/x", "x");
  CHECK(says(verified(tree), "E_EXTRA", ".git/hooks/x"));
}

TEST_CASE("T09 junk beside the signature, and in the seal's own folder") {
  MemoryTree tree = sealed();
  tree.replace(".vetset/attest/note.json", "{}");
  CHECK(says(verified(tree), "E_ATTEST_FOREIGN", ".vetset/attest/note.json"));
  tree.remove(".vetset/attest/note.json");
  tree.replace(".vetset/more", "x");
  CHECK(says(verified(tree), "E_EXTRA", ".vetset/more"));
}

TEST_CASE("T10, T11 renamed and swapped files are named as such") {
  MemoryTree tree = sealed();
  tree.remove("images/b.jpg");
  tree.replace("images/z.jpg", "pixels of b");
  for (const VerifyLine& l : verified(tree).lines) {
    if (l.code == "E_MISSING") CHECK(l.words == "same content as images/z.jpg");
    if (l.code == "E_EXTRA") CHECK(l.words == "same content as images/b.jpg");
  }
  MemoryTree swapped = sealed();
  swapped.replace("images/a.jpg", "pixels of b");
  swapped.replace("images/b.jpg", "pixels of a");
  const Verification v = verified(swapped);
  CHECK(std::count_if(v.lines.begin(), v.lines.end(), [](const VerifyLine& l) {
          return l.code == "E_DIGEST" && l.words.starts_with("contents swapped");
        }) == 2);
}

TEST_CASE("T16, T20, T21, T22, T53 a manifest that breaks its rules is refused before anything else") {
  const auto code_after = [](std::string_view from, std::string_view to) {
    MemoryTree tree = sealed();
    tree.replace(manifest_path, replaced(read(tree, manifest_path), from, to));
    const Verification v = verified(tree);
    REQUIRE(v.lines.size() == 1);
    return v.lines.front().code;
  };
  CHECK(code_after("\"path\":\"images/b.jpg\"", "\"path\":\"../b.jpg\"") == "E_PATH");
  CHECK(code_after("\"path\":\"images/b.jpg\"", "\"path\":\"images/A.JPG\"") == "E_MANIFEST");  // not sorted
  CHECK(code_after("\"path\":\"images/b.jpg\"", "\"path\":\"images/a.jpg/x\"") == "E_PATH_COLLISION");
  CHECK(code_after("{\"critical\"", "{ \"critical\"") == "E_NOT_CANONICAL");
  CHECK(code_after("\"name\":\"street\"", "\"name\":\"other\",\"name\":\"street\"") == "E_NOT_CANONICAL");
  CHECK(code_after("\"critical\":[]", "\"critical\":[\"erasure\"]") == "E_CRITICAL");
  CHECK(code_after("\"vetset\":\"1\"", "\"vetset\":\"2\"") == "E_VERSION");
}

TEST_CASE("T53 what this version cannot judge is unsupported, not broken") {
  MemoryTree tree = sealed();
  tree.replace(manifest_path, replaced(read(tree, manifest_path), "\"vetset\":\"1\"", "\"vetset\":\"2\""));
  CHECK(verified(tree).verdict == Trust::unsupported);
}

TEST_CASE("T23 a digest edited to match a tampered file breaks the signature") {
  MemoryTree tree = sealed();
  tree.replace("README.md", "HELLO");
  tree.replace(manifest_path, replaced(read(tree, manifest_path), sha256("hello").hex(), sha256("HELLO").hex()));
  const Verification v = verified(tree);
  CHECK(v.verdict == Trust::untrusted);
  CHECK(says(v, "E_SIG_SUBJECT"));
}

TEST_CASE("T24, T25 another key, no signature") {
  const KeyPair other = *make_key("");
  const Verification resigned = verified(sealed(other));
  CHECK(resigned.verdict == Trust::untrusted);
  CHECK(says(resigned, "E_UNTRUSTED_KEY"));
  MemoryTree tree = sealed();
  tree.remove(bundle_path);
  CHECK(says(verified(tree), "E_UNSIGNED"));
  CHECK(verified(tree).verdict == Trust::untrusted);
  CHECK(verified(tree, {}).verdict == Trust::intact);
}

TEST_CASE("T24 a bundle that claims a trusted key's hint and is not signed by it") {
  const KeyPair other = *make_key("");
  MemoryTree tree = sealed(other);
  tree.replace(bundle_path, replaced(read(tree, bundle_path), other.public_key.hint, key().public_key.hint));
  CHECK(says(verified(tree), "E_SIG"));
}

TEST_CASE("T26 the signature of another package") {
  MemoryTree tree = sealed();
  const MemoryTree other = sealed(key(), replaced(std::string(labels), "\"name\":\"car\"", "\"name\":\"bus\""));
  tree.replace(bundle_path, read(other, bundle_path));
  CHECK(says(verified(tree), "E_SIG_SUBJECT"));
}

TEST_CASE("T27 another payload type") {
  MemoryTree tree = sealed();
  tree.replace(bundle_path, replaced(read(tree, bundle_path), "application/vnd.in-toto+json", "text/plain"));
  CHECK(says(verified(tree), "E_SIG", bundle_path));
}

TEST_CASE("T33 a relabelled annotation with its file's digest corrected still has another identity") {
  MemoryTree tree = sealed();
  const std::string edited = replaced(std::string(labels), "[1,2,3,4]", "[1,2,3,5]");
  tree.replace("instances.json", edited);
  tree.replace(manifest_path, replaced(read(tree, manifest_path), sha256(labels).hex(), sha256(edited).hex()));
  const Verification v = verified(tree);
  CHECK(v.verdict == Trust::broken);
  CHECK(says(v, "E_TABLE_ROOT"));
}

TEST_CASE("two images' bytes swapped with the manifest's digests corrected still has another identity") {
  MemoryTree tree = sealed();
  tree.replace("images/a.jpg", "pixels of b");
  tree.replace("images/b.jpg", "pixels of a");
  const std::string a = sha256("pixels of a").hex(), b = sha256("pixels of b").hex(), held(64, '-');
  tree.replace(manifest_path, replaced(replaced(replaced(read(tree, manifest_path), a, held), b, a), held, b));
  const Verification v = verified(tree, {});
  CHECK(v.verdict == Trust::broken);
  CHECK_FALSE(says(v, "E_DIGEST"));
  REQUIRE(says(v, "E_TABLE_ROOT"));
  for (const VerifyLine& l : v.lines)
    if (l.code == "E_TABLE_ROOT") CHECK(l.words == "the labels are as sealed, but the images they belong to are not");
}

TEST_CASE("the manifest's ids are those of its tables") {
  MemoryTree tree = sealed();
  const std::string manifest = read(tree, manifest_path);
  const std::size_t at = manifest.find("\"labels_id\":\"sha256:") + 20;
  tree.replace(manifest_path, replaced(manifest, manifest.substr(at, 64), std::string(64, '0')));
  CHECK(says(verified(tree), "E_DATASET_ID"));
}

TEST_CASE("a folder without a seal says how to make one") {
  const MemoryTree tree{{"a", "b"}};
  const auto v = verify_package(tree, {}, Pool(1), {});
  REQUIRE_FALSE(v);
  CHECK(v.error().code == Code::not_found);
  CHECK(v.error().message.find("vetset seal") != std::string::npos);
}

namespace {

/// A tree in which one file is written to whenever it is read.
class RestlessTree final : public Tree {
 public:
  RestlessTree(const Tree& whole, std::string restless) : whole_(whole), restless_(std::move(restless)) {}
  std::span<const TreeProblem> problems() const override { return {}; }
  Result<std::uint64_t> size(std::string_view path) const override { return whole_.size(path); }
  Result<Bytes> read(std::string_view path, Range range) const override { return whole_.read(path, range); }
  Result<ReadThrough> read_through(std::string_view path,
                                   const std::function<void(std::string_view)>& piece) const override {
    auto seen = whole_.read_through(path, piece);
    if (seen) seen->changed = path == restless_;
    return seen;
  }
  std::string_view name() const override { return whole_.name(); }

 private:
  std::span<const std::string_view> paths() const override { return whole_.list(); }
  const Tree& whole_;
  std::string restless_;
};

}  // namespace

TEST_CASE("T50 a file that is changed while it is verified, though its digest is right") {
  const MemoryTree tree = sealed();
  const auto v = verify_package(RestlessTree(tree, "images/a.jpg"), {}, Pool(2), {});
  REQUIRE(v);
  CHECK(v->verdict == Trust::broken);
  CHECK(says(*v, "E_CHANGED_WHILE_READING", "images/a.jpg"));
  CHECK_FALSE(says(*v, "E_CHANGED_WHILE_READING", "images/b.jpg"));
}

TEST_CASE("a part that is right is partial, whoever signed; what is wrong beside it is not told but by its size") {
  MemoryTree tree = sealed();
  tree.replace("images/a.jpg", "pixels of A");
  const auto part = [&](VerifyRequest request) {
    request.keys = {key().public_key};
    const auto v = verify_package(tree, request, Pool(2), {});
    REQUIRE(v);
    return *v;
  };
  CHECK(part({.only = {"images/b.jpg"}}).verdict == Trust::partial);
  CHECK(part({.only = {"images/b.jpg"}}).files == 1);
  CHECK(part({.only = {"images/"}}).verdict == Trust::broken);
  CHECK(part({.only = {"images/"}}).files == 2);
  CHECK(part({.share = 1e-9}).files == 1);
  CHECK_FALSE(part({.only = {"README.md"}}).not_checked.empty());
  tree.replace("images/a.jpg", "pixels");
  CHECK(says(part({.only = {"images/b.jpg"}}), "E_SIZE", "images/a.jpg"));
  const auto none = verify_package(tree, {.only = {"images"}}, Pool(2), {});
  REQUIRE_FALSE(none);
  CHECK(none.error().file == "images");
}

TEST_CASE("a share of the files is the same in every run, and grows with the share") {
  const MemoryTree tree = sealed();
  std::uint64_t before = 0;
  for (const double share : {0.1, 0.3, 0.5, 0.7, 0.9, 1.0}) {
    const auto one = verify_package(tree, {.share = share}, Pool(1), {});
    const auto other = verify_package(tree, {.share = share}, Pool(2), {});
    REQUIRE(one);
    REQUIRE(other);
    CHECK(one->files == other->files);
    CHECK(one->bytes == other->bytes);
    CHECK(one->files >= before);
    before = one->files;
  }
  CHECK(before == 4);
}
